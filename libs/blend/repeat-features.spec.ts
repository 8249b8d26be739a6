import { expect, test } from 'vitest';
import { REPEAT_FEATURES, repeatFactors, repeatFeatures } from './repeat-features.js';

type Feature = (typeof REPEAT_FEATURES)[number];

test.each<[session: number[], features: Record<number, Feature[]>]>([
  [[], {}],
  [[7], { 7: ['newest'] }],
  [[7, 8], { 8: ['newest'], 7: ['one step before'] }],
  [[7, 8, 7], { 7: ['newest', 'seen again'], 8: ['one step before'] }],
  [[9, 9, 9], { 9: ['newest', 'seen again'] }],
  [[8, 9, 8, 7], { 7: ['newest'], 8: ['one step before', 'seen again'], 9: ['two steps before'] }],
  [
    [1, 2, 3, 4, 5],
    {
      5: ['newest'],
      4: ['one step before'],
      3: ['two steps before'],
      2: ['three steps or more before'],
      1: ['three steps or more before'],
    },
  ],
  [
    [1, 1, 2, 3, 4],
    {
      4: ['newest'],
      3: ['one step before'],
      2: ['two steps before'],
      1: ['three steps or more before', 'seen again'],
    },
  ],
])('of the session %j', (session, features) => {
  const found = [...repeatFeatures(session)].map(([item, places]) => [
    item,
    places.map((place) => REPEAT_FEATURES[place]),
  ]);
  expect(Object.fromEntries(found)).toEqual(features);
});

test('a factor is the exponential of the weights of what an item has', () => {
  const weights = [2, 3, 5, 7, 11].map(Math.log);
  const factors = repeatFactors([4, 1, 2, 1, 3, 3], weights);
  expect([...factors.keys()].toSorted()).toEqual([1, 2, 3, 4]);
  expect(factors.get(3)).toBeCloseTo(2 * 11, 10);
  expect(factors.get(1)).toBeCloseTo(5 * 11, 10);
  expect(factors.get(2)).toBeCloseTo(7, 10);
  expect(factors.get(4)).toBeCloseTo(7, 10);
});
