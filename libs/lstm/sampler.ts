import type { EncodedSessions, Random } from '#domain';

/**
 * Draws items in proportion to given weights, in constant time per draw (the alias method: Walker 1977, Vose 1991).
 */
export class AliasSampler {
  /** Share of each index in all draws, [weights]. */
  readonly shares: Float64Array;
  private readonly keep: Float64Array;
  private readonly alias: Int32Array;

  /** @param weights at least one, none negative, not all zero */
  constructor(weights: Float64Array) {
    const count = weights.length;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.shares = weights.map((weight) => weight / sum);
    this.keep = this.shares.map((share) => share * count);
    this.alias = Int32Array.from({ length: count }, (_, i) => i);
    const poor: number[] = [];
    const rich: number[] = [];
    this.keep.forEach((share, i) => (share < 1 ? poor : rich).push(i));
    while (poor.length > 0 && rich.length > 0) {
      const [to, from] = [poor.pop() as number, rich.at(-1) as number];
      this.alias[to] = from;
      const left = (this.keep[from] as number) + (this.keep[to] as number) - 1;
      this.keep[from] = left;
      if (left < 1) {
        rich.pop();
        poor.push(from);
      }
    }
    for (const i of [...poor, ...rich]) this.keep[i] = 1;
  }

  /** One index. */
  draw(random: Random): number {
    const i = random.integer(this.keep.length);
    return random.uniform() < (this.keep[i] as number) ? i : (this.alias[i] as number);
  }
}

/** The candidates of one step. */
export interface CandidateSet {
  /** [candidates] items, each once. */
  readonly items: Int32Array;
  /** [candidates] minus the logarithm of each one's chance to be a candidate. */
  readonly correction: Float32Array;
  /** [targets] which candidate each target is. */
  readonly columns: Int32Array;
  /** [targets] chance of the target's candidate. */
  readonly chances: Float32Array;
}

/** Where the items of one step get their columns; its arrays are used again for every step. */
export interface CandidateSource {
  /**
   * @param targets [targets] items; 0 where padded
   * @param targetCount how many targets are not padding
   */
  select(targets: Int32Array, targetCount: number, random: Random): CandidateSet;
}

/** Every item of the catalogue, in every step. */
export class WholeCatalogue implements CandidateSource {
  private readonly items: Int32Array;
  private readonly correction: Float32Array;

  constructor(itemCount: number) {
    this.items = Int32Array.from({ length: itemCount }, (_, i) => i + 1);
    this.correction = new Float32Array(itemCount);
  }

  select(targets: Int32Array): CandidateSet {
    const columns = targets.map((item) => Math.max(0, item - 1));
    return {
      items: this.items,
      correction: this.correction,
      columns,
      chances: new Float32Array(targets.length).fill(1),
    };
  }
}

/**
 * The batch's targets, filled up with drawn negatives to a fixed number of candidates. An item's chance to be among them
 * is taken as 1 - exp(-expected occurrences), by its share of all targets and of the drawn negatives.
 */
export class SharedNegatives implements CandidateSource {
  private readonly sampler: AliasSampler;
  private readonly targetShares: Float64Array;
  /** Column of each item in the present step, -1 if none. */
  private readonly columnOf: Int32Array;
  private readonly items: Int32Array;
  private readonly correction: Float32Array;

  /**
   * @param support [items + 1] how often each item is a target
   * @param count candidates per step: more than the targets of any batch, at most the number of items
   */
  constructor(support: Int32Array, count: number, exponent: number) {
    const counts = Float64Array.from(support.subarray(1));
    const total = counts.reduce((sum, n) => sum + n, 0);
    this.targetShares = counts.map((n) => n / total);
    // An item that is never a target still needs pushing away from sessions it does not follow.
    this.sampler = new AliasSampler(counts.map((n) => Math.max(n, 1) ** exponent));
    this.columnOf = new Int32Array(support.length).fill(-1);
    this.items = new Int32Array(count);
    this.correction = new Float32Array(count);
  }

  select(targets: Int32Array, targetCount: number, random: Random): CandidateSet {
    const { items, columnOf } = this;
    let size = 0;
    const take = (item: number): void => {
      if (columnOf[item] !== -1) return;
      columnOf[item] = size;
      items[size] = item;
      size += 1;
    };
    for (const item of targets) if (item !== 0) take(item);
    let draws = 0;
    // Drawing from a skewed distribution finds few new items near the end of a small catalogue: then fill in order.
    for (const limit = 20 * items.length; size < items.length && draws < limit; draws++)
      take(this.sampler.draw(random) + 1);
    for (let item = 1; size < items.length; item++) take(item);
    const { correction, targetShares } = this;
    const drawnShares = this.sampler.shares;
    for (let i = 0; i < items.length; i++) {
      const item = items[i] as number;
      const expected = targetCount * (targetShares[item - 1] as number) + draws * (drawnShares[item - 1] as number);
      correction[i] = -Math.log(1 - Math.exp(-expected));
    }
    const columns = new Int32Array(targets.length);
    const chances = new Float32Array(targets.length).fill(1);
    for (let i = 0; i < targets.length; i++) {
      if (targets[i] === 0) continue;
      const column = columnOf[targets[i] as number] as number;
      columns[i] = column;
      chances[i] = Math.exp(-(correction[column] as number));
    }
    for (const item of items) columnOf[item] = -1;
    return { items, correction, columns, chances };
  }
}

/** How often each item is a target, [items + 1]. */
export function targetSupport({ items, offsets }: EncodedSessions, itemCount: number): Int32Array {
  const support = new Int32Array(itemCount + 1);
  for (let s = 0; s + 1 < offsets.length; s++)
    for (let i = (offsets[s] as number) + 1; i < (offsets[s + 1] as number); i++)
      support[items[i] as number] = (support[items[i] as number] as number) + 1;
  return support;
}
