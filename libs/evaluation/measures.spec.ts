import { expect, test } from 'vitest';
import { rankOf, valueOf } from './measures.js';

test('the rank counts from 1 and is 0 beyond the cutoff or the answer', () => {
  expect([7, 8, 9, 1].map((target) => rankOf([7, 8, 9], target, 2))).toEqual([1, 2, 0, 0]);
  expect(rankOf([], 1, 20)).toBe(0);
  expect(rankOf(Int32Array.of(5, 6), 6, 20)).toBe(2);
});

test('a miss is worth nothing, and a hit what its rank says', () => {
  const ranks = [0, 1, 2, 3, 20];
  expect(ranks.map((rank) => valueOf('precision', rank))).toEqual([0, 1, 1, 1, 1]);
  expect(ranks.map((rank) => valueOf('reciprocalRank', rank))).toEqual([0, 1, 1 / 2, 1 / 3, 1 / 20]);
  expect(ranks.map((rank) => valueOf('discountedGain', rank))).toEqual([
    0,
    1,
    1 / Math.log2(3),
    1 / 2,
    1 / Math.log2(21),
  ]);
});
