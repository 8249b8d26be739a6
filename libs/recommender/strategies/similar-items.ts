import type { RelatedItems } from '../related-items.js';
import { bestRelated } from './best-related.js';
import { firstWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/** So many items of the session are looked at, from the newest. */
const sessionItems = 10;
/** What goes with an item counts so much less for each item that came after it. */
const fading = 0.1;

/** What visitors look at together with the newest item of the session, and behind that, what goes with the items before it. */
export class SimilarItems implements Strategy {
  readonly source = 'similar-items';

  constructor(private readonly related: Pick<RelatedItems, 'of'>) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const items = newestDistinct(wish.session, sessionItems);
    const lists = await this.related.of(wish.store, 'similar', items);
    return firstWanted(bestRelated(items, lists, fading), wish);
  }
}

/** The newest items of a session, each once, the newest first. */
export function newestDistinct(session: readonly string[], count: number): string[] {
  const items = new Set<string>();
  for (let i = session.length - 1; i >= 0 && items.size < count; i--) items.add(session[i] as string);
  return [...items];
}
