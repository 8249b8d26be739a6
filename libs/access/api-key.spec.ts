import { expect, test } from 'vitest';
import { generateKey, hashKey, keyPrefix, looksLikeKey, selectorOf } from './api-key.js';

test('a key tells its kind and has 256 random bits', () => {
  const keys = Array.from({ length: 200 }, () => generateKey('public'));
  expect(new Set(keys).size).toBe(200);
  for (const key of keys) {
    expect(key).toMatch(/^npk_public_/);
    expect(Buffer.from(key.slice('npk_public_'.length), 'base64url')).toHaveLength(32);
    expect(looksLikeKey(key)).toBe(true);
  }
});

test.each([
  '',
  'npk_public_',
  'npk_secret_short',
  'npk_admin_' + 'a'.repeat(43),
  "npk_secret_' or 1=1 --",
  'x'.repeat(10_000),
])('what cannot be a key is seen without a query: %.40s', (text) => {
  expect(looksLikeKey(text)).toBe(false);
});

test('the hash is SHA-256 and differs by key; the prefix keeps most of the key secret', () => {
  const key = generateKey('secret');
  expect(hashKey(key)).toHaveLength(32);
  expect(hashKey(key)).toEqual(hashKey(key));
  expect(hashKey(key)).not.toEqual(hashKey(generateKey('secret')));
  expect(key.startsWith(keyPrefix(key))).toBe(true);
  expect(key.length - keyPrefix(key).length).toBeGreaterThan(32);
});

test('a hash lies between the ends of its selector, which keep most of it back', () => {
  const hash = hashKey(generateKey('public'));
  const { lowest, highest } = selectorOf(hash);
  expect(lowest.subarray(0, 8)).toEqual(hash.subarray(0, 8));
  expect(lowest.subarray(8)).toEqual(Buffer.alloc(24, 0));
  expect(highest.subarray(8)).toEqual(Buffer.alloc(24, 0xff));
  expect(Buffer.compare(lowest, hash)).toBe(-1);
  expect(Buffer.compare(hash, highest)).toBe(-1);
  expect(selectorOf(lowest)).toEqual({ lowest, highest });
});
