import type { Recommendation } from '#domain';
import type { Strategy, Wish } from './strategies/strategy.js';

/**
 * Asks the strategies in order until there are `wish.count` items, none twice. A strategy that fails is told to
 * `onFailure` and passed over: a poorer answer is better than none.
 */
export async function fillAnswer(
  strategies: readonly Strategy[],
  wish: Wish,
  onFailure: (strategy: Strategy, error: unknown) => void,
): Promise<Recommendation[]> {
  const answer: Recommendation[] = [];
  const excluded = new Set(wish.excluded);
  for (const strategy of strategies) {
    if (answer.length >= wish.count) break;
    try {
      const candidates = await strategy.candidates({ ...wish, excluded, count: wish.count - answer.length });
      for (const { itemId, score, source = strategy.source } of candidates) {
        answer.push({ itemId, score, source });
        excluded.add(itemId);
      }
    } catch (error) {
      onFailure(strategy, error);
    }
  }
  return answer;
}
