import { expect, test } from 'vitest';
import type { Related } from '../related-items.js';
import { Because } from './because.js';

type Lists = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What is similar to each item, and how much. */
const similar = (lists: Lists) => ({
  of: (_store: string, _kind: string, itemIds: readonly string[]) =>
    Promise.resolve(
      itemIds.map((itemId): Related => {
        const list = lists[itemId] ?? {};
        return { itemIds: Object.keys(list), scores: Object.values(list) };
      }),
    ),
});

const reasons = async (lists: Lists, session: string[], ...found: string[]): Promise<(string | undefined)[]> => {
  const because = await new Because(similar(lists)).prepare('store', session)(found);
  return found.map((_, place) => because[place]);
};

test('the item of the session with the highest score is the reason, the newest of equals', async () => {
  const lists = { old: { a: 0.5, b: 0.2 }, middle: { a: 0.4, c: 0.3 }, new: { b: 0.2, c: 0.1, d: 0.1 } };
  expect(await reasons(lists, ['old', 'middle', 'new'], 'a', 'b', 'c', 'x')).toEqual([
    'old',
    'new',
    'middle',
    undefined,
  ]);
});

test('the newest five items of the session are looked at, each once', async () => {
  const lists = { first: { a: 0.9 }, second: { b: 0.9 } };
  expect(await reasons(lists, ['first', 'second', 'p', 'q', 'r', 's', 's'], 'a', 'b')).toEqual([undefined, 'second']);
});

test('an answer is given without reasons when they cannot be read, or are not read in time', async () => {
  const failing = new Because({ of: () => Promise.reject(new Error('gone')) });
  expect(await failing.prepare('store', ['a'])(['b'])).toEqual([]);
  const hanging = new Because({ of: () => Promise.race([]) });
  expect(await hanging.prepare('store', ['a'])(['b'])).toEqual([]);
});
