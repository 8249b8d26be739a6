import { expect, test } from 'vitest';
import { Catalogue, type CatalogueItem } from '#catalog';
import { Random } from '#domain';
import type { Filter } from '#filters';
import { bareItem } from '../../test/support/bare-item.js';
import { bestOf } from './candidates.js';
import { EVERYTHING, segmentsOf, type Sieve } from './segments.js';
import { isWanted, type Candidate, type Strategy } from './strategies/strategy.js';

const random = new Random(11);

function catalogueOf(items: readonly Partial<CatalogueItem>[]): Catalogue {
  const catalogue = Catalogue.empty();
  catalogue.put(
    items.map((item, i) => ({
      ...bareItem,
      itemId: `item-${i}`,
      updatedAt: i,
      ...item,
    })),
  );
  return catalogue;
}

/** Gives the best of a list that are wanted, as strategies do. */
function strategyOf(list: readonly Candidate[]): Strategy & { asked: number } {
  const strategy: Strategy & { asked: number } = {
    source: 'popular',
    asked: 0,
    candidates: (wish) => {
      strategy.asked += 1;
      return Promise.resolve(list.filter(({ itemId }) => isWanted(wish, itemId)).slice(0, wish.count));
    },
  };
  return strategy;
}

const fits: Readonly<Record<string, (item: CatalogueItem) => boolean>> = {
  Red: ({ categories }) => categories.includes('Red'),
  Blue: ({ categories }) => categories.includes('Blue'),
  Cheap: ({ categories }) => categories.includes('Cheap'),
};
const names = Object.keys(fits);
const ofCategory = (name: string): Filter => ({ field: 'categories', eq: name });

const wish = { store: 'default', session: [], visitorId: null, unavailable: new Set(['item-0']), count: 10 };

test('boosts and buries give exactly what sorting all items would, overlapping rules and unknown items included', async () => {
  for (let trial = 0; trial < 60; trial++) {
    const catalogue = catalogueOf(
      Array.from({ length: 80 }, () => ({ categories: names.filter(() => random.integer(3) === 0) })),
    );
    // The last 20 are not in the catalogue. Scores are powers of 2, so that they are the same in whatever order they are multiplied.
    const list = Array.from({ length: 100 }, (_, i) => ({ itemId: `item-${i}`, score: 2 ** -random.integer(30) })).sort(
      (a, b) => b.score - a.score,
    );
    const weighted = names.filter(() => random.integer(3) > 0);
    const weights = weighted.map((name) => ({ name, factor: [8, 4, 0.25, 0.5][random.integer(4)] as number }));
    const hidden = trial % 3 === 0 ? ['Blue'] : [];
    const filters = trial % 4 === 0 ? ['Cheap'] : [];
    const sieve: Sieve = {
      filters: filters.map(ofCategory),
      hidden: hidden.map(ofCategory),
      weights: weights.map(({ name, factor }) => ({ filter: ofCategory(name), factor })),
    };
    const excluded = new Set([`item-${random.integer(80)}`]);
    const all = list
      .filter(({ itemId }) => !excluded.has(itemId) && !wish.unavailable.has(itemId))
      .filter(({ itemId }) => {
        const item = catalogue.item(itemId);
        if (!item) return filters.length === 0;
        return filters.every((name) => fits[name]?.(item)) && !hidden.some((name) => fits[name]?.(item));
      })
      .map(({ itemId, score }) => {
        const item = catalogue.item(itemId);
        const factors = weights.map(({ name, factor }) => (item && fits[name]?.(item) ? factor : 1));
        return score * factors.reduce((product, factor) => product * factor, 1);
      })
      .sort((a, b) => b - a);
    const segments = await segmentsOf(catalogue, sieve, undefined);
    const best = await bestOf(strategyOf(list), { ...wish, excluded }, segments);
    expect(best.map(({ score }) => score)).toEqual(all.slice(0, 10));
    expect(new Set(best.map(({ itemId }) => itemId)).size).toBe(best.length);
    for (const { itemId, score, factor = 1 } of best) {
      expect(score / factor).toBe(list.find((each) => each.itemId === itemId)?.score);
    }
  }
});

test('a boosted item far down the list comes up, and says why', async () => {
  const catalogue = catalogueOf(Array.from({ length: 500 }, (_, i) => ({ categories: i === 499 ? ['Red'] : [] })));
  const strategy = strategyOf(Array.from({ length: 500 }, (_, i) => ({ itemId: `item-${i}`, score: 1000 - i })));
  const sieve = { filters: [], hidden: [], weights: [{ filter: ofCategory('Red'), factor: 2 }] };
  const segments = await segmentsOf(catalogue, sieve, undefined);
  const [first, second] = await bestOf(strategy, { ...wish, count: 2, excluded: new Set() }, segments);
  expect(first).toEqual({ itemId: 'item-499', score: 1002, factor: 2 });
  expect(second).toEqual({ itemId: 'item-1', score: 999 });
});

test('without rules the strategy is asked once; with rules once for each factor that items have', async () => {
  const catalogue = catalogueOf([{ categories: ['Red'] }, { categories: ['Blue'] }, { categories: ['Red', 'Blue'] }]);
  const strategy = strategyOf([{ itemId: 'item-1', score: 1 }]);
  await bestOf(strategy, { ...wish, excluded: new Set() }, EVERYTHING);
  expect(strategy.asked).toBe(1);
  const weights = [
    { filter: ofCategory('Red'), factor: 2 },
    { filter: ofCategory('Blue'), factor: 0.5 },
    { filter: ofCategory('Green'), factor: 3 },
  ];
  strategy.asked = 0;
  const segments = await segmentsOf(catalogue, { filters: [], hidden: [], weights }, undefined);
  await bestOf(strategy, { ...wish, excluded: new Set() }, segments);
  // 2, 0.5, and 1: that of both, and of items that the catalogue does not have.
  expect(strategy.asked).toBe(3);
});
