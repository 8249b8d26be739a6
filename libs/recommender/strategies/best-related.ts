import type { Related } from '../related-items.js';
import type { Candidate } from './strategy.js';

/**
 * What goes with any of some items, the best first, each once with the item that it goes with best.
 * @param lists what goes with each of the items
 * @param fading above 0, at most 1: what the scores are multiplied with from one item to the next
 */
export function bestRelated(items: readonly string[], lists: readonly Related[], fading: number): Candidate[] {
  const best = new Map<string, Candidate>();
  for (const [place, { itemIds, scores }] of lists.entries()) {
    const because = items[place] as string;
    for (const [rank, itemId] of itemIds.entries()) {
      const score = (scores[rank] as number) * fading ** place;
      if (score > (best.get(itemId)?.score ?? 0)) best.set(itemId, { itemId, score, because });
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}
