import { expect, test } from 'vitest';
import { evaluate, predictionCases } from './protocol.js';

test('every prefix predicts its next item, once unknown items are dropped', () => {
  const cases = [...predictionCases([['a', 'new', 'b', 'a'], ['c'], ['new', 'c']], (item) => item !== 'new')];
  expect(cases).toEqual([
    { prefix: ['a'], target: 'b' },
    { prefix: ['a', 'b'], target: 'a' },
  ]);
});

test('precision counts hits up to the cutoff, and the reciprocal rank is 0 beyond it', async () => {
  const cases = [1, 2, 3, 9].map((target) => ({ prefix: [0], target }));
  const metrics = await evaluate(cases, (prefixes) => Promise.resolve(prefixes.map(() => [1, 2, 3])), { cutoff: 2 });
  expect(metrics).toEqual({ cases: 4, cutoff: 2, precision: 0.5, meanReciprocalRank: (1 + 1 / 2) / 4 });
});

test('prefixes are ranked in batches and answers belong to their cases', async () => {
  const sessions = [Int32Array.of(1, 2, 3), Int32Array.of(4, 5, 6, 7)];
  const sizes: number[] = [];
  const metrics = await evaluate(
    predictionCases(sessions),
    (prefixes) => {
      sizes.push(prefixes.length);
      return Promise.resolve(prefixes.map((prefix) => Int32Array.of((prefix.at(-1) ?? 0) + 1)));
    },
    { batchSize: 2 },
  );
  expect(sizes).toEqual([2, 2, 1]);
  expect(metrics).toMatchObject({ cases: 5, precision: 1, meanReciprocalRank: 1 });
});

test('nothing to judge is an error, not a perfect or a zero score', async () => {
  await expect(evaluate(predictionCases([['a'], []]), () => Promise.resolve([]))).rejects.toThrow(
    'no session has two items that the model knows',
  );
});
