import { expect, test } from 'vitest';
import { likelihood } from './buy-again.js';

const day = 86_400_000;
const now = 1_000 * day;

const bought = (times: number, firstDaysAgo: number, lastDaysAgo: number): number =>
  likelihood({ itemId: 'a', times, firstAt: now - firstDaysAgo * day, lastAt: now - lastDaysAgo * day }, now);

test('what was bought more often or later is likelier; after 90 days a purchase counts half', () => {
  expect(bought(1, 90, 90)).toBeCloseTo(0.5 / 1.5, 12);
  expect(bought(2, 90, 90)).toBeCloseTo(1 / 2, 12);
  expect(bought(1, 10, 10)).toBeGreaterThan(bought(1, 11, 11));
});

test('from three purchases on the usual interval counts: before it has passed less, then most', () => {
  // Every 30 days; a third of that has passed.
  const x = 3 * 2 ** (-10 / 90);
  expect(bought(3, 70, 10)).toBeCloseTo(x / (1 + x) / 3, 12);
  expect(bought(3, 90, 30)).toBeGreaterThan(1);
  expect(bought(3, 89, 29)).toBeLessThan(1);
});

test('three purchases at one time have no interval', () => {
  expect(bought(3, 10, 10)).toBeGreaterThan(0.5);
  expect(bought(3, 10, 10)).toBeLessThan(1);
});
