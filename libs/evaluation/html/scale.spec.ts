import { expect, test } from 'vitest';
import { scaleOf, shortened, shortPercent } from './scale.js';

test.each([
  [0, 0.55, [0, 0.2, 0.4, 0.6]],
  [0, 0.2, [0, 0.05, 0.1, 0.15, 0.2]],
  [0, 0, [0, 1]],
  [3.14, 7.3, [2, 4, 6, 8]],
  [0.5, 0.5, [0.4, 0.6]],
  [-1, 1, [-1, -0.5, 0, 0.5, 1]],
])('from %d to %d the marks are round and hold both', (least, most, expected) => {
  const { ticks } = scaleOf(least, most, 0, 100);
  expect(ticks[0]).toBeLessThanOrEqual(least);
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
  expect(ticks).toEqual(expected);
});

test('values lie between the ends in proportion, upwards as well', () => {
  const scale = scaleOf(0, 0.4, 10, 110);
  expect([0, 0.1, 0.3, 0.4].map((value) => scale.at(value))).toEqual([10, 35, 85, 110]);
  const upwards = scaleOf(0, 0.4, 110, 10);
  expect([0, 0.1, 0.4].map((value) => upwards.at(value))).toEqual([110, 85, 10]);
});

test('shares on an axis are short, and so are long names', () => {
  expect([0, 0.025, 0.15, 1].map(shortPercent)).toEqual(['0%', '2.5%', '15%', '100%']);
  expect(shortened('recently popular', 16)).toBe('recently popular');
  expect(shortened('👟'.repeat(17), 16)).toBe(`${'👟'.repeat(15)}…`);
});
