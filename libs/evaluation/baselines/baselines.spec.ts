import { describe, expect, it } from 'vitest';
import { encodeSessions, randomLists } from '../../../test/support/encoded-sessions.js';
import type { Ranker } from '../protocol.js';
import { baselineRankers } from './baselines.js';
import { itemKnn } from './item-knn.js';
import { LIST_LENGTH } from './item-lists.js';
import { markov } from './markov.js';
import { popular, recentlyPopular } from './popular.js';

async function answer(rank: Ranker<number>, ...prefix: number[]): Promise<number[]> {
  const [items = []] = await rank([prefix]);
  return Array.from(items);
}

const day = 86_400_000;

describe('popular', () => {
  it('gives everyone the most clicked items, equal ones by the lower index', async () => {
    const rank = popular(
      encodeSessions([
        [3, 3, 2],
        [2, 4, 1],
      ]),
      4,
    );
    expect(await answer(rank, 1)).toEqual([2, 3, 1, 4]);
    expect(await answer(rank, 4, 2)).toEqual([2, 3, 1, 4]);
  });
});

describe('recentlyPopular', () => {
  it('halves a click for every day before the newest session', async () => {
    // Item 1: 3 clicks two days ago, 0.75. Item 2: 1 click now. Item 3: 1 click a day ago, 0.5. Item 4: 2 clicks two days ago, 0.5.
    const rank = recentlyPopular(encodeSessions([[1, 1, 1, 4, 4], [3], [2]], [5 * day, 6 * day, 7 * day]), 4);
    expect(await answer(rank, 4)).toEqual([2, 1, 3, 4]);
  });
});

describe('markov', () => {
  it('weights what followed by 1 / distance, from the newest item', async () => {
    // After 1: item 2 at distance 1, item 3 at distances 2 and 1, item 1 itself at distance 3.
    const rank = markov(
      encodeSessions([
        [1, 2, 3, 1],
        [1, 3],
        [4, 1],
      ]),
      5,
    );
    expect(await answer(rank, 5, 1)).toEqual([3, 2, 1]);
    expect(await answer(rank, 3)).toEqual([1]);
  });

  it('says nothing after an item that nothing followed, or one it does not know', async () => {
    const rank = markov(encodeSessions([[1, 2], [3]]), 3);
    expect(await Promise.all([answer(rank, 2), answer(rank, 3), answer(rank, 9), answer(rank)])).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('looks ten clicks ahead and no further, nor into the next session', async () => {
    const rank = markov(encodeSessions([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [13]]), 13);
    expect(await answer(rank, 1)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await answer(rank, 12)).toEqual([]);
  });

  it.each([1, 2, 3])('equals sums over all pairs of clicks (seed %i)', async (seed) => {
    const lists = randomLists(80, 30, 9, seed);
    const rank = markov(encodeSessions(lists), 30);
    for (let item = 1; item <= 30; item++) {
      const sums = new Map<number, number>();
      for (const list of lists) {
        for (const [from, before] of list.entries()) {
          for (const [to, after] of list.entries()) {
            if (before === item && to > from) sums.set(after, (sums.get(after) ?? 0) + 1 / (to - from));
          }
        }
      }
      const expected = [...sums].sort(([a, x], [b, y]) => y - x || a - b).map(([other]) => other);
      expect(await answer(rank, item)).toEqual(expected);
    }
  });
});

describe('itemKnn', () => {
  it('prefers the rarer of two items met equally often, and never the item itself', async () => {
    // Item 1 meets 2 and 3 once each; 2 is in three sessions and 3 in one. It meets 4 twice, clicked again or not.
    const rank = itemKnn(encodeSessions([[1, 2, 4], [1, 3, 4, 4, 1], [2, 5], [2]]), 5);
    expect(await answer(rank, 1)).toEqual([4, 3, 2]);
    expect(await answer(rank, 3, 5)).toEqual([2]);
  });

  it('dampens what rare items have in common', async () => {
    // Item 2 was in one session, with item 1: 1 / sqrt(1), damped 1 / sqrt(21). Item 3 met it in 4 of 25: 4 / sqrt(25), damped
    // 4 / sqrt(45). So the plain cosine would prefer item 2.
    const together = Array.from({ length: 4 }, () => [1, 3]);
    const alone = Array.from({ length: 21 }, () => [3]);
    expect(await answer(itemKnn(encodeSessions([[1, 2], ...together, ...alone]), 3), 1)).toEqual([3, 2]);
  });

  it.each([1, 2, 3])('orders by the damped cosine of the sessions that both are in (seed %i)', async (seed) => {
    const lists = randomLists(80, 30, 9, seed);
    const rank = itemKnn(encodeSessions(lists), 30);
    const sets = lists.map((list) => new Set(list));
    const sessionsOf = (...items: number[]): number =>
      sets.filter((set) => items.every((item) => set.has(item))).length;
    for (let item = 1; item <= 30; item++) {
      const similarity = (other: number): number =>
        sessionsOf(item, other) / Math.sqrt((sessionsOf(item) + 20) * (sessionsOf(other) + 20));
      const items = await answer(rank, item);
      const met = Array.from({ length: 30 }, (_, place) => place + 1).filter(
        (other) => other !== item && sessionsOf(item, other) > 0,
      );
      expect([...items].sort((a, b) => a - b)).toEqual(met);
      for (const [place, other] of items.slice(1).entries()) {
        expect(similarity(items[place] ?? 0)).toBeGreaterThanOrEqual(similarity(other) - 1e-12);
      }
    }
  });

  it('takes only the newest 200 different items of a session', async () => {
    const long = Array.from({ length: 250 }, (_, place) => place + 1);
    const rank = itemKnn(encodeSessions([long]), 250);
    expect(await answer(rank, 50)).toEqual([]);
    expect(await answer(rank, 51)).toEqual(long.slice(51, 51 + LIST_LENGTH));
  });
});

describe('baselineRankers', () => {
  it('gives each its name in the report, and at most 100 items without one twice', async () => {
    const rankers = baselineRankers(encodeSessions(randomLists(2_000, 300, 12, 4)), 300);
    expect(rankers.map(({ name }) => name)).toEqual(['markov', 'item-kNN', 'recently popular', 'popular']);
    for (const { rank } of rankers) {
      const items = await answer(rank, 1);
      expect(items).toHaveLength(LIST_LENGTH);
      expect(new Set(items).size).toBe(LIST_LENGTH);
    }
  });
});
