import type { Segment } from './segments.js';
import type { Candidate, Strategy, Wish } from './strategies/strategy.js';

/** A candidate whose score was multiplied with a factor, where there is one. */
export interface WeightedCandidate extends Candidate {
  readonly factor?: number;
}

/**
 * The `wish.count` best candidates of a strategy once their scores are multiplied with the factors of their segments.
 *
 * That is exact, not the best of some that were found without the factors: within a segment all scores are multiplied with the same
 * number above 0, which leaves their order as it is, so whatever is among the best `count` of all is among the best `count` of its
 * segment. The strategy is asked once for each segment; scores of one strategy can be compared.
 */
export async function bestOf(
  strategy: Strategy,
  wish: Omit<Wish, 'selection'>,
  segments: readonly Segment[],
): Promise<readonly WeightedCandidate[]> {
  const lists = await Promise.all(
    segments.map(async ({ factor, selection }): Promise<readonly WeightedCandidate[]> => {
      const candidates = await strategy.candidates({ ...wish, selection });
      if (factor === 1) return candidates;
      return candidates.map((candidate) => ({ ...candidate, score: candidate.score * factor, factor }));
    }),
  );
  const [only, ...more] = lists;
  if (only && more.length === 0) return only;
  // Of equal scores, such as 0, the boosted item comes first.
  return lists
    .flat()
    .sort((a, b) => b.score - a.score || (b.factor ?? 1) - (a.factor ?? 1))
    .slice(0, wish.count);
}
