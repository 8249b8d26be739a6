import type { VisitorHistory } from '#visitors';
import { LIMITS } from '../limits.js';
import { newestDistinct } from './similar-items.js';
import { firstWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/** What the visitor looked at, in this session and the ones before, the newest first, but not the item looked at now. */
export class RecentlyViewed implements Strategy {
  readonly source = 'recently-viewed';

  constructor(private readonly history: VisitorHistory) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const { store, session, visitorId } = wish;
    const before = visitorId === null ? [] : await this.history.recentlyViewed(store, visitorId, LIMITS.items);
    const viewed = new Set([...newestDistinct(session, LIMITS.items), ...before]);
    viewed.delete(session.at(-1) ?? '');
    return firstWanted(
      [...viewed].map((itemId, place) => ({ itemId, score: 1 / (place + 1) })),
      wish,
    );
  }
}
