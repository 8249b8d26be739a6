import { DomainError, InvalidInputError } from '#domain';
import { rankOf, valueOf } from './measures.js';

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

/** What an evaluation takes when nothing else is asked for. */
export const DEFAULTS: Required<EvaluationOptions> = { cutoff: 20, batchSize: 256 };

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
 * @throws InvalidInputError `nothing_to_evaluate` when there is no case to judge.
 */
export async function evaluate<Item>(
  cases: Iterable<PredictionCase<Item>>,
  rank: Ranker<Item>,
  { cutoff = DEFAULTS.cutoff, batchSize = DEFAULTS.batchSize }: EvaluationOptions = {},
): Promise<RankingMetrics> {
  const tally = new Tally(cutoff);
  for await (const { batch, answers } of answersInBatches(cases, [rank], batchSize)) {
    for (const [row, { target }] of batch.entries()) tally.add(answers[0]?.[row] ?? [], target);
  }
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
    const rank = rankOf(ranking, target, this.cutoff);
    this.cases++;
    this.hits += valueOf('precision', rank);
    this.reciprocalRanks += valueOf('reciprocalRank', rank);
  }

  /** @throws InvalidInputError `nothing_to_evaluate` when nothing was counted. */
  metrics(): RankingMetrics {
    requireCases(this.cases);
    return {
      cases: this.cases,
      cutoff: this.cutoff,
      precision: this.hits / this.cases,
      meanReciprocalRank: this.reciprocalRanks / this.cases,
    };
  }
}

/** @throws InvalidInputError `nothing_to_evaluate` when there is no case. */
export function requireCases(count: number): void {
  if (count > 0) return;
  throw new InvalidInputError(
    'nothing_to_evaluate',
    'There is nothing to evaluate: no session has two items that the model knows',
  );
}

/**
 * Asks every ranker about the same cases, batch by batch, so that no more than a batch of answers is held.
 * `answers[r][c]` is what ranker r said to case c of the batch.
 * @throws DomainError `answers_missing` when a ranker gives more or fewer answers than it was asked for.
 */
export async function* answersInBatches<Item, Case extends PredictionCase<Item>>(
  cases: Iterable<Case>,
  rankers: readonly Ranker<Item>[],
  batchSize: number,
): AsyncGenerator<{ batch: readonly Case[]; answers: (readonly ArrayLike<Item>[])[] }, void, undefined> {
  let batch: Case[] = [];
  const ask = async (): Promise<{ batch: readonly Case[]; answers: (readonly ArrayLike<Item>[])[] }> => {
    const prefixes = batch.map(({ prefix }) => prefix);
    const answers: (readonly ArrayLike<Item>[])[] = [];
    for (const rank of rankers) answers.push(requireAll(await rank(prefixes), prefixes.length));
    return { batch, answers };
  };
  for (const each of cases) {
    if (batch.push(each) < batchSize) continue;
    yield await ask();
    batch = [];
  }
  if (batch.length > 0) yield await ask();
}

function requireAll<Item>(answers: readonly ArrayLike<Item>[], prefixes: number): readonly ArrayLike<Item>[] {
  if (answers.length === prefixes) return answers;
  throw new DomainError(
    'internal',
    'answers_missing',
    `A ranker gave ${answers.length} answers to ${prefixes} prefixes; it must give one to each, in their order`,
    { answers: answers.length, prefixes },
  );
}
