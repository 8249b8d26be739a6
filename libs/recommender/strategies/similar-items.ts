import type { RelatedItems } from '../related-items.js';
import { isWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/** So many items of the session are looked at, from the newest. */
const sessionItems = 10;

/**
 * What visitors look at together with the newest item of the session, and behind that, what goes with the items before it. Scores of those
 * are taken times the last score before, so that the list stays in order.
 */
export class SimilarItems implements Strategy {
  readonly source = 'similar-items';

  constructor(private readonly related: Pick<RelatedItems, 'of'>) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const [newest, ...older] = newestDistinct(wish.session, sessionItems);
    if (newest === undefined) return [];
    const found: Candidate[] = [];
    const seen = new Set<string>();
    let scale = 1;
    const take = async (sessionPart: readonly string[]): Promise<void> => {
      const lists = await this.related.of(wish.store, 'similar', sessionPart);
      lists.forEach(({ itemIds, scores }, place) => {
        const because = sessionPart[place] as string;
        for (const [rank, itemId] of itemIds.entries()) {
          if (found.length === wish.count) return;
          if (seen.has(itemId) || !isWanted(wish, itemId)) continue;
          seen.add(itemId);
          found.push({ itemId, score: scale * (scores[rank] as number), because });
        }
        scale = found.at(-1)?.score ?? 1;
      });
    };
    await take([newest]);
    if (found.length < wish.count && older.length > 0) await take(older);
    return found;
  }
}

/** The newest items of a session, each once, the newest first. */
export function newestDistinct(session: readonly string[], count: number): string[] {
  const items = new Set<string>();
  for (let i = session.length - 1; i >= 0 && items.size < count; i--) items.add(session[i] as string);
  return [...items];
}
