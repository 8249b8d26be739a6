import type { Recommendation } from '#domain';
import type { WeightedCandidate } from './candidates.js';
import type { Strategy } from './strategies/strategy.js';

/**
 * Finds the best items of one strategy.
 * @param count at most so many
 * @param excluded none of these
 * @param before those that stand before them in the answer
 */
export type Finding = (
  strategy: Strategy,
  count: number,
  excluded: ReadonlySet<string>,
  before: readonly Recommendation[],
) => Promise<readonly WeightedCandidate[]>;

/**
 * Asks the strategies in order until there are `count` items, none twice. A strategy that fails is told to `onFailure` and passed
 * over: a poorer answer is better than none.
 */
export async function fillAnswer(
  strategies: readonly Strategy[],
  { count, excluded }: { readonly count: number; readonly excluded: ReadonlySet<string> },
  find: Finding,
  onFailure: (strategy: Strategy, error: unknown) => void,
): Promise<Recommendation[]> {
  const answer: Recommendation[] = [];
  const taken = new Set(excluded);
  for (const strategy of strategies) {
    if (answer.length >= count) break;
    try {
      for (const candidate of await find(strategy, count - answer.length, taken, answer)) {
        answer.push(recommendation(candidate, strategy));
        taken.add(candidate.itemId);
      }
    } catch (error) {
      onFailure(strategy, error);
    }
  }
  return answer;
}

// Field by field, as in `ModelStrategy`: every item of every answer comes by here.
function recommendation(candidate: WeightedCandidate, strategy: Strategy): Recommendation {
  const { itemId, score, because, factor } = candidate;
  const source = candidate.source ?? strategy.source;
  if (factor !== undefined)
    return because === undefined ? { itemId, score, source, factor } : { itemId, score, source, because, factor };
  return because === undefined ? { itemId, score, source } : { itemId, score, source, because };
}
