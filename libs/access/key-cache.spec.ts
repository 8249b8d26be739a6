import { expect, test } from 'vitest';
import type { KeyHolder } from './api-key.js';
import { KeyCache } from './key-cache.js';

const holder: KeyHolder = {
  id: '3f0c2f0e-6b1a-4e0e-9d5c-0a9d6f1f2b11',
  store: 'default',
  kind: 'public',
  origins: [],
  limit: null,
  clientLimit: null,
  expiresAt: null,
};

function cacheOf(answers: Map<string, KeyHolder>, capacity = 100) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const cache = new KeyCache<KeyHolder | null>(
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
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([holder, holder]);
  clock.now = 4_999;
  expect(await cache.get('a')).toEqual(holder);
  expect(asked).toEqual(['a']);
  clock.now = 5_000;
  await cache.get('a');
  expect(asked).toEqual(['a', 'a']);
});

test('a revoked key stops working when its entry expires, or at once after clear', async () => {
  const answers = new Map([['a', holder]]);
  const { cache, clock } = cacheOf(answers);
  await cache.get('a');
  answers.delete('a');
  expect(await cache.get('a')).toEqual(holder);
  clock.now = 5_000;
  expect(await cache.get('a')).toBeNull();
  answers.set('a', holder);
  cache.clear();
  expect(await cache.get('a')).toEqual(holder);
});

test('a failed look-up is not remembered', async () => {
  let failing = true;
  const cache = new KeyCache<KeyHolder | null>(
    () => (failing ? Promise.reject(new Error('down')) : Promise.resolve(holder)),
    5_000,
    10,
  );
  await expect(cache.get('a')).rejects.toThrow('down');
  failing = false;
  expect(await cache.get('a')).toEqual(holder);
});

test('guessed keys push the oldest entry out instead of growing the cache', async () => {
  const { cache, asked } = cacheOf(new Map([['a', holder]]), 2);
  await cache.get('a');
  await cache.get('b');
  await cache.get('c');
  await cache.get('a');
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
  await cache.get('a');
  expect(asked).toHaveLength(4);
});
