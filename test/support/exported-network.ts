import { InferenceSession, Tensor } from '#onnxruntime';
import { exportServingModel, type LstmModel } from '#lstm';

/** A session, and what the exported graph takes into account beside it; numbers by item. */
export interface NetworkQuestion {
  readonly session: readonly number[];
  readonly suggestions?: Readonly<Record<number, number>>;
  readonly boosts?: Readonly<Record<number, number>>;
  readonly excluded?: readonly number[];
}

/** An item of an answer, as the graph's outputs say. */
export interface RatedItem {
  readonly id: number;
  readonly score: number;
  readonly network: number;
}

/** Loads a network as it goes into service. */
export function openNetwork(
  model: LstmModel,
  itemFactors: Float32Array = new Float32Array(model.itemCount + 1).fill(1),
): Promise<InferenceSession> {
  return InferenceSession.create(exportServingModel(model, itemFactors), { intraOpNumThreads: 1 });
}

/** Asks the exported graph itself, all questions in one run. */
export async function askNetwork(
  network: InferenceSession,
  questions: readonly NetworkQuestion[],
  count: number,
): Promise<RatedItem[][]> {
  const entries = (field: 'suggestions' | 'boosts'): [item: number, value: number][][] =>
    questions.map((question) => Object.entries(question[field] ?? {}).map(([item, value]) => [Number(item), value]));
  const [suggestions, boosts] = [entries('suggestions'), entries('boosts')];
  const {
    ids,
    scores,
    network: own,
  } = await network.run({
    items: integers(questions.map(({ session }) => session)),
    lengths: new Tensor(
      'int64',
      BigInt64Array.from(questions, ({ session }) => BigInt(session.length)),
    ),
    suggested: integers(suggestions.map((row) => row.map(([item]) => item))),
    suggestions: floats(
      suggestions.map((row) => row.map(([, value]) => value)),
      0,
    ),
    boosted: integers(boosts.map((row) => row.map(([item]) => item))),
    boosts: floats(
      boosts.map((row) => row.map(([, value]) => value)),
      1,
    ),
    excluded: integers(questions.map(({ excluded = [] }) => excluded)),
    count: new Tensor('int64', BigInt64Array.of(BigInt(count))),
  });
  return questions.map((_, row) =>
    Array.from({ length: count }, (__, i) => ({
      id: Number((ids?.data as BigInt64Array)[row * count + i]),
      score: Number((scores?.data as Float32Array)[row * count + i]),
      network: Number((own?.data as Float32Array)[row * count + i]),
    })),
  );
}

const integers = (rows: readonly (readonly number[])[]): Tensor => {
  const { shape, values } = pad(rows, 0);
  return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
};

const floats = (rows: readonly (readonly number[])[], padding: number): Tensor => {
  const { shape, values } = pad(rows, padding);
  return new Tensor('float32', Float32Array.from(values), shape);
};

/** All rows as long as the longest, at least 1. */
function pad(rows: readonly (readonly number[])[], padding: number): { shape: [number, number]; values: number[] } {
  const width = Math.max(1, ...rows.map(({ length }) => length));
  const values = rows.flatMap((row) => [...row, ...new Array<number>(width - row.length).fill(padding)]);
  return { shape: [rows.length, width], values };
}
