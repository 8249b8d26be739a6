import { InferenceSession, Tensor } from '#onnxruntime';
import { repeatFactors, type BlendWeights } from '#blend';
import type { NeighbourIndex } from '#neighbours';

/** A session as item indexes (from 1, oldest first, at least one), and what must not come back. */
export interface ScoringQuestion {
  readonly items: readonly number[];
  readonly excluded: readonly number[];
  /** Excluded as well; shared by many questions, and so kept as the graph wants it. */
  readonly alwaysExcluded: BigInt64Array;
  readonly count: number;
}

/** Item indexes, best first, as many as asked for; excluded ones stand at the end. */
export interface ScoringAnswer {
  readonly ids: readonly number[];
  /** The probability that the item is next. */
  readonly scores: readonly number[];
  /** Which part of the blend made most of that probability. */
  readonly sources: readonly ('network' | 'neighbours')[];
}

/** What a scorer is made of. */
export interface ScoringParts {
  /** An ONNX file as `exportServingModel` writes it. */
  readonly network: Uint8Array;
  /** Null: the network answers alone. */
  readonly neighbours: NeighbourIndex | null;
  readonly blend: BlendWeights;
  /** The network takes so many items, the newest of a session. */
  readonly maximumLength: number;
}

/** So many items of the neighbours take part; what is further behind has next to no share. */
export const NEIGHBOUR_ITEMS = 200;

/**
 * The network, the neighbours and their blend: the one way to an answer, when a model is judged and when it serves.
 */
export class Scorer {
  private constructor(
    private readonly session: InferenceSession,
    private readonly parts: Omit<ScoringParts, 'network'>,
  ) {}

  /** Loads the ONNX file; rejects with onnxruntime's own error when it cannot. `release` it afterwards. */
  static async open(parts: ScoringParts, options: InferenceSession.SessionOptions): Promise<Scorer> {
    // Severity 3: errors only.
    const session = await InferenceSession.create(parts.network, { logSeverityLevel: 3, ...options });
    return new Scorer(session, parts);
  }

  /** Answers in the order of the questions, of which there is at least one, all in one run. */
  async score(questions: readonly ScoringQuestion[]): Promise<ScoringAnswer[]> {
    const { blend, neighbours, maximumLength } = this.parts;
    const network = questions.map(({ items }) => items.slice(-maximumLength));
    // Against the network's probability as 1, because what counts is their ratio.
    const odds = (1 - blend.networkShare) / blend.networkShare;
    const suggested = questions.map(({ items }) => {
      const found = neighbours?.suggest(items, NEIGHBOUR_ITEMS);
      return { items: found?.items ?? new Int32Array(), values: found?.shares.map((share) => share * odds) ?? [] };
    });
    const boosts = questions.map(({ items }) => {
      const factors = repeatFactors(items, blend.repeats);
      return { items: [...factors.keys()], values: [...factors.values()] };
    });
    const excluded = questions.map((question) => question.excluded);
    const most = Math.max(...questions.map(({ count }) => count));
    const output = await this.session.run({
      items: integers(network),
      lengths: new Tensor(
        'int64',
        BigInt64Array.from(network, ({ length }) => BigInt(length)),
      ),
      suggested: integers(suggested.map(({ items }) => items)),
      suggestions: floats(
        suggested.map(({ values }) => values),
        0,
      ),
      boosted: integers(boosts.map(({ items }) => items)),
      boosts: floats(
        boosts.map(({ values }) => values),
        1,
      ),
      excluded: integers(
        excluded,
        questions.map(({ alwaysExcluded }) => alwaysExcluded),
      ),
      count: new Tensor('int64', BigInt64Array.of(BigInt(most))),
    });
    const ids = valuesOf(output, 'ids', BigInt64Array);
    const scores = valuesOf(output, 'scores', Float32Array);
    const ownShares = valuesOf(output, 'network', Float32Array);
    const width = ids.length / questions.length;
    return questions.map(({ count }, row) => {
      const [start, end] = [row * width, row * width + Math.min(width, count)];
      const own = suggested[row];
      const suggestion = (id: number): number => own?.values[own.items.indexOf(id)] ?? 0;
      const answer = Array.from(ids.subarray(start, end), Number);
      return {
        ids: answer,
        scores: Array.from(scores.subarray(start, end)),
        sources: answer.map((id, i) => (suggestion(id) > (ownShares[start + i] ?? 0) ? 'neighbours' : 'network')),
      };
    });
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** [rows, widest] int64, padded with 0, at least one wide; each row's `before` come first. */
function integers(rows: readonly ArrayLike<number>[], before?: readonly BigInt64Array[]): Tensor {
  const start = (row: number): number => before?.[row]?.length ?? 0;
  const width = Math.max(1, ...rows.map(({ length }, row) => start(row) + length));
  const data = new BigInt64Array(rows.length * width);
  rows.forEach((values, row) => {
    data.set(before?.[row] ?? [], row * width);
    for (let i = 0; i < values.length; i++) data[row * width + start(row) + i] = BigInt(values[i] as number);
  });
  return new Tensor('int64', data, [rows.length, width]);
}

/** [rows, widest] float32, padded with `padding`, at least one wide. */
function floats(rows: readonly ArrayLike<number>[], padding: number): Tensor {
  const width = Math.max(1, ...rows.map(({ length }) => length));
  const data = new Float32Array(rows.length * width).fill(padding);
  rows.forEach((values, row) => {
    data.set(values, row * width);
  });
  return new Tensor('float32', data, [rows.length, width]);
}

function valuesOf<T>(output: InferenceSession.ReturnType, name: string, kind: new () => T): T {
  const values: unknown = output[name]?.data;
  if (!(values instanceof kind)) throw new Error(`the network gives no ${name} of the expected type`);
  return values;
}
