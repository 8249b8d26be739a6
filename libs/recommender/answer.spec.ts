import { expect, test } from 'vitest';
import type { RecommendationSource } from '#domain';
import { fillAnswer, type Finding } from './answer.js';
import type { Strategy, Wish } from './strategies/strategy.js';

/** Offers its items in order, as far as they are wanted. */
function listing(source: RecommendationSource, ...itemIds: string[]): Strategy & { asked: number[] } {
  const asked: number[] = [];
  return {
    source,
    asked,
    candidates: (wish) => {
      asked.push(wish.count);
      const wanted = itemIds.filter((id) => !wish.excluded.has(id) && !wish.unavailable.has(id));
      return Promise.resolve(wanted.slice(0, wish.count).map((itemId, i) => ({ itemId, score: 1 / (i + 1) })));
    },
  };
}

const failing: Strategy = { source: 'network', candidates: () => Promise.reject(new Error('broken')) };

const wish = (count: number): Wish => ({
  store: 'default',
  session: [],
  visitorId: null,
  count,
  excluded: new Set(),
  unavailable: new Set(['gone']),
  selection: null,
});

const question = (count: number, ...excluded: string[]) => ({ count, excluded: new Set(excluded) });

const find: Finding = (strategy, count, excluded) => strategy.candidates({ ...wish(count), excluded });

const unexpected = (_: Strategy, error: unknown) => {
  throw error;
};

const told = (answer: readonly { itemId: string; source: string }[]) =>
  answer.map(({ itemId, source }) => `${source} ${itemId}`);

test('later strategies fill what earlier ones leave, and no item comes twice', async () => {
  const strategies = [
    listing('network', 'a', 'b'),
    listing('trending', 'b', 'c'),
    listing('popular', 'a', 'c', 'd', 'e'),
  ];
  const answer = await fillAnswer(strategies, question(4), find, unexpected);
  expect(told(answer)).toEqual(['network a', 'network b', 'trending c', 'popular d']);
});

test('a later strategy is not asked when there is enough', async () => {
  const popular = listing('popular', 'a');
  await fillAnswer([listing('network', 'x', 'y'), popular], question(2), find, unexpected);
  expect(popular.asked).toEqual([]);
});

test('exclusion does not shorten the answer while there are other items', async () => {
  const strategies = [listing('network', 'a', 'b', 'c'), listing('popular', 'gone', 'd', 'e', 'f')];
  const answer = await fillAnswer(strategies, question(3, 'a', 'b'), find, unexpected);
  expect(told(answer)).toEqual(['network c', 'popular d', 'popular e']);
});

test('everything excluded gives an empty answer', async () => {
  expect(await fillAnswer([listing('popular', 'a', 'gone')], question(5, 'a'), find, unexpected)).toEqual([]);
});

test('a strategy that fails is told and passed over', async () => {
  const failures: string[] = [];
  const answer = await fillAnswer([failing, listing('popular', 'a')], question(1), find, ({ source }, error) =>
    failures.push(`${source}: ${String(error)}`),
  );
  expect(told(answer)).toEqual(['popular a']);
  expect(failures).toEqual(['network: Error: broken']);
});
