import type { Measure } from './report.js';

/** The measures that each case has a value of by itself; the others look at all answers together. */
export type RankMeasure = Extract<Measure, 'precision' | 'reciprocalRank' | 'discountedGain'>;

/** What a target at a rank from 1 to the cutoff is worth, 0 to 1. Beyond the cutoff every measure is 0. */
const worth: Readonly<Record<RankMeasure, (rank: number) => number>> = {
  precision: () => 1,
  reciprocalRank: (rank) => 1 / rank,
  // Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002. The ideal gain of one relevant item is 1.
  discountedGain: (rank) => 1 / Math.log2(1 + rank),
};

/**
 * The value of one case.
 * @param rank From 1; 0 when the target was not among the first `cutoff`.
 */
export const valueOf = (measure: RankMeasure, rank: number): number => (rank === 0 ? 0 : worth[measure](rank));

/** The target's place in an answer, from 1; 0 when it is not among the first `cutoff`. */
export function rankOf<Item>(answer: ArrayLike<Item>, target: Item, cutoff: number): number {
  const end = Math.min(cutoff, answer.length);
  for (let place = 0; place < end; place++) if (answer[place] === target) return place + 1;
  return 0;
}
