import { InvalidInputError } from '#domain';

/** The items seen so far, oldest first, and the one that came next. */
export interface PredictionCase<Item> {
  readonly prefix: readonly Item[];
  readonly target: Item;
}

/**
 * Ranks the next items after each prefix, best first, without an item twice. An answer may be shorter than the cutoff.
 * Results are in the order of the prefixes.
 */
export type Ranker<Item> = (prefixes: readonly (readonly Item[])[]) => Promise<readonly ArrayLike<Item>[]>;

/** How well the next items were predicted. */
export interface RankingMetrics {
  /** Predictions made. */
  readonly cases: number;
  /** Ranks beyond this count as misses. */
  readonly cutoff: number;
  /** P@cutoff, 0 to 1: the share of targets among the first `cutoff`. With one target a case it equals recall and hit rate. */
  readonly precision: number;
  /** MRR@cutoff, 0 to 1: the mean of 1 / rank, 0 beyond the cutoff. */
  readonly meanReciprocalRank: number;
}

/** How to evaluate; each field has a default. */
export interface EvaluationOptions {
  /** 20 unless given. */
  readonly cutoff?: number;
  /** Prefixes ranked in one call; 256 unless given. */
  readonly batchSize?: number;
}

/**
 * Every prefix of a session with the item after it: n items make n - 1 cases. Items that are not known must be dropped before
 * (`known`), as the published protocol does: a model cannot be asked for what it has never seen.
 */
export function* predictionCases<Item>(
  sessions: Iterable<ArrayLike<Item>>,
  known: (item: Item) => boolean = () => true,
): Generator<PredictionCase<Item>, void, undefined> {
  for (const session of sessions) {
    const items = Array.from(session).filter(known);
    for (const [step, target] of items.entries()) {
      if (step > 0) yield { prefix: items.slice(0, step), target };
    }
  }
}

/**
 * P@k and MRR@k of the next item after every prefix (Wu et al., Session-based Recommendation with Graph Neural Networks, 2019).
 * Ties: the order in which the ranker gives its items is the ranking. Nothing is averaged over equal scores and none is broken in
 * the target's favour, so a ranker must order equal scores without knowing the target.
 * @throws InvalidInputError when there is no case to judge.
 */
export async function evaluate<Item>(
  cases: Iterable<PredictionCase<Item>>,
  rank: Ranker<Item>,
  { cutoff = 20, batchSize = 256 }: EvaluationOptions = {},
): Promise<RankingMetrics> {
  const tally = new Tally(cutoff);
  let batch: PredictionCase<Item>[] = [];
  const judge = async (): Promise<void> => {
    const rankings = await rank(batch.map(({ prefix }) => prefix));
    for (const [index, { target }] of batch.entries()) tally.add(rankings[index] ?? [], target);
    batch = [];
  };
  for (const each of cases) {
    if (batch.push(each) === batchSize) await judge();
  }
  if (batch.length > 0) await judge();
  return tally.metrics();
}

/** Counts hits case by case. */
export class Tally {
  private cases = 0;
  private hits = 0;
  private reciprocalRanks = 0;

  constructor(private readonly cutoff: number) {}

  /** Counts one answer, best first. */
  add<Item>(ranking: ArrayLike<Item>, target: Item): void {
    this.cases++;
    const rank = Array.prototype.indexOf.call(ranking, target) + 1;
    if (rank === 0 || rank > this.cutoff) return;
    this.hits++;
    this.reciprocalRanks += 1 / rank;
  }

  /** @throws InvalidInputError when nothing was counted. */
  metrics(): RankingMetrics {
    if (this.cases === 0) {
      throw new InvalidInputError(
        'nothing_to_evaluate',
        'There is nothing to evaluate: no session has two items that the model knows',
      );
    }
    return {
      cases: this.cases,
      cutoff: this.cutoff,
      precision: this.hits / this.cases,
      meanReciprocalRank: this.reciprocalRanks / this.cases,
    };
  }
}
