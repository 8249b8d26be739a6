import type { EncodedSessions } from '#domain';
import { AnswerCounts, type ItemCategories } from './answers.js';
import { estimateParts } from './bootstrap.js';
import { clicksByItem, popularityBands, popularityRanks } from './catalogue.js';
import { ExampleCases, type ExampleIndexes } from './examples.js';
import { HeldOut, judgeCases, type JudgedCases, type JudgeOptions, type NamedRanker } from './judge.js';
import type { RankMeasure } from './measures.js';
import { DEFAULTS } from './protocol.js';
import type { Estimate, EvaluationReport, Measure, RankerFigures } from './report.js';
import { sliceGroups } from './slices.js';

/** What to judge, on what; the rest has defaults. */
export interface EvaluateRankersOptions extends Partial<JudgeOptions> {
  /** Held-out sessions. Items that the training sessions don't have, and 0, are dropped from them first. */
  readonly sessions: EncodedSessions;
  /** What the rankers learned from: it says how popular items are. */
  readonly training: EncodedSessions;
  /** Items of the catalogue: the indexes of both kinds of sessions run from 1 to this. */
  readonly itemCount: number;
  /** The first is the one that examples and popularity bands are of. */
  readonly rankers: readonly NamedRanker[];
  /** Without them there is no diversity. */
  readonly categories?: ItemCategories | undefined;
  /** Of the bootstrap; 1 unless given. The same seed and answers give the same intervals. */
  readonly seed?: number | undefined;
}

/** All of a report that follows from the rankers' answers. */
export interface RankersEvaluation extends Pick<
  EvaluationReport,
  'cutoff' | 'data' | 'rankers' | 'slices' | 'popularity'
> {
  /** At most twelve, as item indexes. */
  readonly examples: readonly ExampleIndexes[];
  /** The rank of every target, for `pairedDifference`. */
  readonly judged: JudgedCases;
}

const RANK_MEASURES = ['precision', 'reciprocalRank', 'discountedGain'] as const satisfies readonly RankMeasure[];

/**
 * Asks every ranker once about every prefix of the held-out sessions, and computes every measure, slice and interval from the same
 * answers. Holds one batch of answers at a time, then 4 bytes a case and ranker.
 * @throws InvalidInputError `nothing_to_evaluate`; `evaluation_invalid` for rankers or a cutoff that make no sense.
 *   DomainError `answers_missing`, `item_unknown` for a ranker that does not keep its contract. The signal's reason when aborted.
 */
export async function evaluateRankers(options: EvaluateRankersOptions): Promise<RankersEvaluation> {
  const { sessions, training, itemCount, rankers, categories = [], seed = 1 } = options;
  const { cutoff = DEFAULTS.cutoff, batchSize = DEFAULTS.batchSize, signal, onProgress } = options;
  const clicks = clicksByItem(training, itemCount);
  const heldOut = new HeldOut(sessions, (item) => (clicks[item] ?? 0) > 0);
  const counts = rankers.map(() => new AnswerCounts(itemCount, cutoff, categories));
  const examples = new ExampleCases(heldOut.count);
  const judged = await judgeCases(
    heldOut,
    rankers,
    { cutoff, batchSize, signal, onProgress },
    (each, index, ranker, answer) => {
      counts[ranker]?.add(answer);
      if (ranker === 0) examples.offer(each, index, answer);
    },
  );
  return {
    cutoff,
    data: dataOf(judged, sessions, training, itemCount),
    rankers: figures(judged, counts, clicks, seed),
    slices: sliceGroups(judged, clicks, seed),
    popularity: popularityBands(
      clicks,
      clicksByItem({ ...sessions, items: judged.targets }, itemCount),
      counts[0]?.recommended ?? new Float64Array(itemCount + 1),
    ),
    examples: examples.choose(judged),
    judged,
  };
}

function figures(
  judged: JudgedCases,
  counts: readonly AnswerCounts[],
  clicks: Float64Array,
  seed: number,
): RankerFigures[] {
  const [estimates = []] = estimateParts(judged, new Uint8Array(judged.targets.length), 1, RANK_MEASURES, seed);
  const ranks = popularityRanks(clicks);
  return [...judged.ranks.keys()].map((name, ranker) => {
    const measures: Partial<Record<Measure, Estimate>> = {};
    for (const [place, measure] of RANK_MEASURES.entries()) {
      const estimate = estimates[ranker]?.[place];
      if (estimate) measures[measure] = estimate;
    }
    const ofAnswers = counts[ranker]?.measures(clicks, ranks) ?? {};
    for (const [measure, value] of Object.entries(ofAnswers) as [Measure, number][]) {
      measures[measure] = { value, low: value, high: value };
    }
    return { name, measures };
  });
}

function dataOf(
  { sessionOf }: JudgedCases,
  { endedAt }: EncodedSessions,
  training: EncodedSessions,
  items: number,
): EvaluationReport['data'] {
  const judged = [...new Set(sessionOf)];
  const ends = judged.map((session) => endedAt[session] as number);
  const time = (pick: (a: number, b: number) => number): string =>
    new Date(ends.reduce((a, b) => pick(a, b))).toISOString();
  return {
    trainingSessions: training.endedAt.length,
    trainingClicks: training.items.length,
    items,
    sessions: judged.length,
    cases: sessionOf.length,
    from: time(Math.min),
    until: time(Math.max),
  };
}
