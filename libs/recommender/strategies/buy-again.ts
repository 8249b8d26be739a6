import type { Purchased, VisitorHistory } from '#visitors';
import { firstWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

const dayMs = 86_400_000;
const halfLifeDays = 90;
/** With fewer purchases there is no usual interval. */
const fewestForInterval = 3;

/** What the visitor bought before, the most likely to be wanted again first. */
export class BuyAgain implements Strategy {
  readonly source = 'buy-again';

  constructor(private readonly history: VisitorHistory) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    if (wish.visitorId === null) return [];
    const purchases = await this.history.purchases(wish.store, wish.visitorId);
    const now = Date.now();
    const ranked = purchases.map((bought) => ({ itemId: bought.itemId, score: likelihood(bought, now) }));
    return firstWanted(
      ranked.sort((a, b) => b.score - a.score),
      wish,
    );
  }
}

/**
 * How likely an item is wanted again, from 0 to 2. With x = times bought * 2^(-days since the last purchase / 90) it is
 * x / (1 + x). Of an item bought at least three times the usual interval is known, (last - first) / (times - 1): when it
 * has passed, 1 is added; before, the value is taken times the part of it that has.
 * @param now milliseconds since the epoch
 */
export function likelihood({ times, firstAt, lastAt }: Purchased, now: number): number {
  const passed = Math.max(0, now - lastAt);
  const x = times * 2 ** (-passed / dayMs / halfLifeDays);
  const value = x / (1 + x);
  const interval = (lastAt - firstAt) / (times - 1);
  if (times < fewestForInterval || interval === 0) return value;
  return passed >= interval ? 1 + value : (value * passed) / interval;
}
