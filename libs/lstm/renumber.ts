import type { LstmModel } from './parameters.js';

/**
 * A network for other items. An item that the network does not know begins as the mean of those that share a group with it, each
 * group counting the same, or else as the mean of all.
 * @param rows [items + 1] by new item: its index in the network, 0 for one that it does not know, and at place 0
 * @param groups by new item, such as its categories; absent where nothing is known
 */
export function renumberItems(
  model: LstmModel,
  rows: Int32Array,
  groups: readonly (readonly number[] | undefined)[] = [],
): LstmModel {
  const { dimensions } = model.recipe;
  const itemEmbeddings = new Float32Array(rows.length * dimensions);
  const itemBiases = new Float32Array(rows.length);
  const everything = new Mean(dimensions);
  const means = new Map<number, Mean>();
  for (let item = 1; item < rows.length; item++) {
    const row = rows[item] as number;
    if (row === 0) continue;
    const embedding = model.itemEmbeddings.subarray(row * dimensions, (row + 1) * dimensions);
    itemEmbeddings.set(embedding, item * dimensions);
    itemBiases[item] = model.itemBiases[row] as number;
    everything.add(embedding);
    for (const group of groups[item] ?? []) {
      const mean = means.get(group) ?? new Mean(dimensions);
      mean.add(embedding);
      means.set(group, mean);
    }
  }
  for (let item = 1; item < rows.length; item++) {
    if (rows[item] !== 0) continue;
    const known = (groups[item] ?? []).flatMap((group) => means.get(group) ?? []);
    const mean = new Mean(dimensions);
    for (const { value } of known.length > 0 ? known : [everything]) mean.add(value);
    itemEmbeddings.set(mean.value, item * dimensions);
  }
  return { ...model, itemCount: rows.length - 1, itemEmbeddings, itemBiases };
}

class Mean {
  private readonly sum: Float64Array;
  private count = 0;

  constructor(dimensions: number) {
    this.sum = new Float64Array(dimensions);
  }

  add(values: ArrayLike<number>): void {
    this.count += 1;
    for (let i = 0; i < values.length; i++) this.sum[i] = (this.sum[i] as number) + (values[i] as number);
  }

  /** Zeros where nothing was added. */
  get value(): Float64Array {
    return this.sum.map((x) => x / Math.max(1, this.count));
  }
}
