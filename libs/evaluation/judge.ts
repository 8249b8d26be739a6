import { InvalidInputError, type EncodedSessions } from '#domain';
import { rankOf } from './measures.js';
import { answersInBatches, predictionCases, requireCases, type PredictionCase, type Ranker } from './protocol.js';

/** A ranker and the name that its figures go by. */
export interface NamedRanker {
  /** Unique among the rankers that are compared. */
  readonly name: string;
  /** Items are indexes from 1 of the training vocabulary. */
  readonly rank: Ranker<number>;
}

/** The rank of every target in every ranker's answer: all that is left of the answers, 4 bytes a case and ranker. */
export interface JudgedCases {
  readonly cutoff: number;
  /** [cases], the case's session, by its place among the judged sessions; never falling. */
  readonly sessionOf: Int32Array;
  /** [cases], items of the prefix. */
  readonly seen: Int32Array;
  /** [cases], item indexes. */
  readonly targets: Int32Array;
  /** [cases], 1 when the target is in the prefix. */
  readonly repeated: Uint8Array;
  /** By ranker name, in the order of the rankers: [cases], from 1; 0 when the target was not among the first `cutoff`. */
  readonly ranks: ReadonlyMap<string, Int32Array>;
}

/** One case as it was judged. */
export interface JudgedCase extends PredictionCase<number> {
  /** As in `JudgedCases.sessionOf`. */
  readonly session: number;
}

/** Looks at one answer, before only its rank is kept. */
type Observer = (each: JudgedCase, index: number, ranker: number, answer: ArrayLike<number>) => void;

/** How to judge. */
export interface JudgeOptions {
  readonly cutoff: number;
  readonly batchSize: number;
  /** Stops between two batches. */
  readonly signal?: AbortSignal | undefined;
  /** After every batch. */
  readonly onProgress?: ((done: number, cases: number) => void) | undefined;
}

/** Cases of sessions, and which of their items count. */
export class HeldOut {
  /** @param known Items that are not are dropped from their sessions. */
  constructor(
    private readonly sessions: EncodedSessions,
    private readonly known: (item: number) => boolean,
  ) {}

  get count(): number {
    let count = 0;
    for (const items of this.lists()) count += Math.max(0, items.filter(this.known).length - 1);
    return count;
  }

  /** The sessions in their order, the cases of each from the shortest prefix on. */
  *cases(): Generator<JudgedCase, void, undefined> {
    let session = 0;
    for (const items of this.lists()) {
      for (const each of predictionCases([items], this.known)) yield { ...each, session };
      session++;
    }
  }

  private *lists(): Generator<Int32Array, void, undefined> {
    const { items, offsets, endedAt } = this.sessions;
    for (let session = 0; session < endedAt.length; session++) {
      yield items.subarray(offsets[session], offsets[session + 1]);
    }
  }
}

/**
 * Asks every ranker once about every case.
 * @throws InvalidInputError `nothing_to_evaluate`; `evaluation_invalid` for rankers or a cutoff that make no sense.
 *   The signal's reason when it is aborted.
 */
export async function judgeCases(
  heldOut: HeldOut,
  rankers: readonly NamedRanker[],
  { cutoff, batchSize, signal, onProgress }: JudgeOptions,
  observe: Observer = () => undefined,
): Promise<JudgedCases> {
  requireSense(rankers, cutoff);
  const count = heldOut.count;
  requireCases(count);
  const judged = {
    cutoff,
    sessionOf: new Int32Array(count),
    seen: new Int32Array(count),
    targets: new Int32Array(count),
    repeated: new Uint8Array(count),
    ranks: new Map(rankers.map(({ name }) => [name, new Int32Array(count)])),
  };
  const ranks = [...judged.ranks.values()];
  let index = 0;
  const calls = rankers.map(({ rank }) => rank);
  for await (const { batch, answers } of answersInBatches<number, JudgedCase>(heldOut.cases(), calls, batchSize)) {
    for (const [row, each] of batch.entries()) {
      const { prefix, target, session } = each;
      judged.sessionOf[index] = session;
      judged.seen[index] = prefix.length;
      judged.targets[index] = target;
      judged.repeated[index] = prefix.includes(target) ? 1 : 0;
      for (const [ranker, places] of ranks.entries()) {
        const answer = answers[ranker]?.[row] ?? [];
        places[index] = rankOf(answer, target, cutoff);
        observe(each, index, ranker, answer);
      }
      index++;
    }
    onProgress?.(index, count);
    signal?.throwIfAborted();
  }
  return judged;
}

function requireSense(rankers: readonly NamedRanker[], cutoff: number): void {
  const names = rankers.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  const fault =
    rankers.length === 0
      ? 'there is no ranker to judge; give at least one'
      : twice !== undefined
        ? `two rankers are called "${twice}"; give each its own name`
        : !Number.isInteger(cutoff) || cutoff < 1
          ? `the cutoff must be a whole number from 1 up, not ${cutoff}`
          : undefined;
  if (fault) throw new InvalidInputError('evaluation_invalid', `The evaluation cannot start: ${fault}`);
}
