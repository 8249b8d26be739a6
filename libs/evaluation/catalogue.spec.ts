import { describe, expect, it } from 'vitest';
import { encodeSessions, randomLists } from '../../test/support/encoded-sessions.js';
import { clicksByItem, itemsByScore, popularityBands, popularityRanks } from './catalogue.js';

describe('clicksByItem', () => {
  it('counts the clicks of each item and none of the padding', () => {
    expect([
      ...clicksByItem(
        encodeSessions([
          [1, 3, 1],
          [0, 3, 3],
        ]),
        4,
      ),
    ]).toEqual([0, 2, 0, 3, 0]);
  });
});

describe('itemsByScore', () => {
  it('puts the highest score first and the lower of equal indexes', () => {
    expect([...itemsByScore(Float64Array.of(99, 2, 5, 2, 7))]).toEqual([4, 2, 1, 3]);
  });
});

describe('popularityRanks', () => {
  it('runs from 0 for the least clicked item to 1 for the most clicked', () => {
    expect([...popularityRanks(Float64Array.of(0, 5, 9, 1))]).toEqual([0, 0.5, 1, 0]);
  });

  it('gives items of equal clicks the mean of their ranks', () => {
    expect([...popularityRanks(Float64Array.of(0, 4, 2, 2, 2, 0))]).toEqual([0, 1, 0.5, 0.5, 0.5, 0]);
  });

  it.each([1, 2, 3])('is the share of others with fewer clicks, half of the equal ones counted (seed %i)', (seed) => {
    const clicks = clicksByItem(encodeSessions(randomLists(60, 40, 6, seed)), 40);
    const items = Array.from({ length: 40 }, (_, place) => place + 1);
    const expected = items.map((item) => {
      const others = items.filter((other) => other !== item).map((other) => clicks[other] ?? 0);
      const own = clicks[item] ?? 0;
      return (others.filter((n) => n < own).length + others.filter((n) => n === own).length / 2) / 39;
    });
    const ranks = [...popularityRanks(clicks)].slice(1);
    for (const [place, rank] of ranks.entries()) expect(rank).toBeCloseTo(expected[place] ?? NaN, 12);
    expect(ranks.reduce((sum, rank) => sum + rank, 0) / 40).toBeCloseTo(0.5, 12);
  });
});

describe('popularityBands', () => {
  it('parts the catalogue into tenths, the most clicked items first, and every count into shares', () => {
    // Item i has i clicks, so band 1 holds items 20 and 19, and band 10 items 2 and 1.
    const clicks = Float64Array.from({ length: 21 }, (_, item) => item);
    const targets = new Float64Array(21);
    targets.set([3, 1], 1);
    const recommended = new Float64Array(21);
    recommended[20] = 6;
    recommended[10] = 2;
    const bands = popularityBands(clicks, targets, recommended);
    expect(bands.map(({ band }) => band)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(bands[0]).toEqual({ band: 1, clicks: 39 / 210, targets: 0, recommended: 0.75 });
    expect(bands[5]).toEqual({ band: 6, clicks: 19 / 210, targets: 0, recommended: 0.25 });
    expect(bands[9]).toEqual({ band: 10, clicks: 3 / 210, targets: 1, recommended: 0 });
    for (const kind of ['clicks', 'targets', 'recommended'] as const) {
      expect(bands.reduce((sum, band) => sum + band[kind], 0)).toBeCloseTo(1, 12);
    }
  });

  it('leaves bands empty when there are fewer than ten items, and shares 0 where nothing was counted', () => {
    const bands = popularityBands(Float64Array.of(0, 3, 1), new Float64Array(3), new Float64Array(3));
    expect(bands.filter(({ clicks }) => clicks > 0).map(({ clicks }) => clicks)).toEqual([0.75, 0.25]);
    expect(bands.every(({ targets, recommended }) => targets === 0 && recommended === 0)).toBe(true);
  });
});
