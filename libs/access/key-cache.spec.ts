import { expect, test } from 'vitest';
import type { KeyHolder } from './api-key.js';
import { KeyCache } from './key-cache.js';

const holder: KeyHolder = { store: 'default', kind: 'public' };

function cacheOf(answers: Map<string, KeyHolder>, capacity = 100) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const cache = new KeyCache(
    (hash) => {
      asked.push(hash);
      return Promise.resolve(answers.get(hash) ?? null);
    },
    5_000,
    capacity,
    () => clock.now,
  );
  return { cache, clock, asked };
}

test('concurrent and later questions about a key share one look-up until it expires', async () => {
  const { cache, clock, asked } = cacheOf(new Map([['a', holder]]));
  expect(await Promise.all([cache.holderOf('a'), cache.holderOf('a')])).toEqual([holder, holder]);
  clock.now = 4_999;
  expect(await cache.holderOf('a')).toEqual(holder);
  expect(asked).toEqual(['a']);
  clock.now = 5_000;
  await cache.holderOf('a');
  expect(asked).toEqual(['a', 'a']);
});

test('a revoked key stops working when its entry expires, or at once after clear', async () => {
  const answers = new Map([['a', holder]]);
  const { cache, clock } = cacheOf(answers);
  await cache.holderOf('a');
  answers.delete('a');
  expect(await cache.holderOf('a')).toEqual(holder);
  clock.now = 5_000;
  expect(await cache.holderOf('a')).toBeNull();
  answers.set('a', holder);
  cache.clear();
  expect(await cache.holderOf('a')).toEqual(holder);
});

test('a failed look-up is not remembered', async () => {
  let failing = true;
  const cache = new KeyCache(() => (failing ? Promise.reject(new Error('down')) : Promise.resolve(holder)), 5_000, 10);
  await expect(cache.holderOf('a')).rejects.toThrow('down');
  failing = false;
  expect(await cache.holderOf('a')).toEqual(holder);
});

test('guessed keys push the oldest entry out instead of growing the cache', async () => {
  const { cache, asked } = cacheOf(new Map([['a', holder]]), 2);
  await cache.holderOf('a');
  await cache.holderOf('b');
  await cache.holderOf('c');
  await cache.holderOf('a');
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
  await cache.holderOf('a');
  expect(asked).toHaveLength(4);
});
