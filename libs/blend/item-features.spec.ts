import { expect, test } from 'vitest';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { itemFactors, itemFeatures } from './item-features.js';

/** 100 clicks on two of three items; the newest five are 1 2 2 2 2. */
const sessions = encodeSessions([new Array<number>(59).fill(1), new Array<number>(36).fill(2), [1, 2, 2], [2, 2]]);
const itemCount = 3;

test('clicks against the mean item, and the newest 1% and 5% of them against as ever, as logarithms', () => {
  const { log } = Math;
  const mean = 100 / 3;
  const rows: [number, number, number][] = [
    [0, 0, 0], // padding
    [log(61 / (1 + mean)), log(1 / 1.6), log(2 / 4)], // 60 clicks, none of the newest one, 1 of the newest five
    [log(41 / (1 + mean)), log(2 / 1.4), log(5 / 3)], // 40 clicks, the newest one, 4 of the newest five
    [log(1 / (1 + mean)), 0, 0], // never clicked
  ];
  const features = itemFeatures(sessions, itemCount);
  expect([...features]).toHaveLength(rows.flat().length);
  for (const [i, value] of rows.flat().entries()) expect(features[i]).toBeCloseTo(value, 6);
});

test('an item of which nothing stands out has zeros', () => {
  const evenly = encodeSessions(Array.from({ length: 100 }, () => [1, 2]));
  const [clicks, newest1, newest5] = itemFeatures(evenly, 2).subarray(3, 6);
  expect(clicks).toBe(0);
  expect(newest1).toBe(0);
  expect(newest5).toBe(0);
});

test('a factor is the exponential of the weighted features', () => {
  const features = Float32Array.of(0, 0, 0, 1, -1, 0.5, 2, 0, 0);
  const factors = itemFactors(features, [0.5, 0.25, 1]);
  expect([...factors]).toHaveLength(3);
  for (const [item, exponent] of [0, 0.5 - 0.25 + 0.5, 1].entries())
    expect(factors[item]).toBeCloseTo(Math.exp(exponent), 6);
  expect([...itemFactors(features, [0, 0, 0])]).toEqual([1, 1, 1]);
});
