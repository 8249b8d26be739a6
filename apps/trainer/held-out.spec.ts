import { describe, expect, test } from 'vitest';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { holdOut, spread } from './held-out.js';

/** So many sessions of the given length, over and over the same items. */
const sessions = (count: number, length: number) =>
  encodeSessions(
    Array.from({ length: count }, (_, session) => Array.from({ length }, (__, i) => 1 + ((session + i) % 7))),
  );

test.each([
  ['a large shop gives its newest 5%', 40_000, 2, 2_000],
  ['a small one gives a thousand sessions', 8_000, 3, 1_000],
  ['a very small one a fifth', 500, 3, 100],
  ['one with long visits no more than 80,000 clicks', 12_000, 200, 400],
])('%s', (_, count, length, expected) => {
  const heldOut = holdOut(sessions(count, length));
  expect(count - (heldOut?.older.endedAt.length ?? 0)).toBe(expected);
});

test('every second one of the newest chooses, the others judge, and older ones are neither', () => {
  const heldOut = holdOut(sessions(500, 3));
  expect(heldOut?.older.endedAt.at(-1)).toBe(399);
  expect(heldOut?.choosing).toHaveLength(50 * 2);
  expect([...(heldOut?.judging.endedAt ?? [])]).toEqual(Array.from({ length: 50 }, (_, i) => 401 + 2 * i));
});

test('with too few predictions there is nothing to choose by', () => {
  expect(holdOut(sessions(200, 3))).toBeNull();
  expect(holdOut(sessions(3, 400))).toBeNull();
});

describe('beside a model in service', () => {
  const DAY_MS = 86_400_000;
  /** So many sessions of three items a day, evenly. */
  const daily = (perDay: number, days: number) =>
    encodeSessions(
      Array.from({ length: perDay * days }, (_, session) => [1, 2, 3].map((i) => 1 + ((session + i) % 7))),
      Array.from({ length: perDay * days }, (_, session) => (session / perDay) * DAY_MS),
    );

  test.each([
    ['a day with enough to judge by is all', 100, 20, 3, 100],
    ['of a day in part learnt, the rest', 200, 20, 0.5, 100],
    ['a shop with few visits gives as many days as it takes', 12, 60, 20, 60],
    ['one that has two a day gives weeks', 2, 90, 60, 50],
  ])('%s', (_, perDay, days, unseenDays, expected) => {
    const sessions = daily(perDay, days);
    const learntUntil = (days - unseenDays) * DAY_MS - 1;
    const heldOut = holdOut(sessions, learntUntil);
    expect(perDay * days - (heldOut?.older.endedAt.length ?? 0)).toBe(expected);
    expect(heldOut?.judging.endedAt[0]).toBeGreaterThan(learntUntil);
  });

  test('a young shop learns from half of what there is', () => {
    const heldOut = holdOut(daily(5_000, 1), 40);
    expect(heldOut?.older.endedAt).toHaveLength(2_500);
  });

  test('what it has learnt from judges nobody, however little is left', () => {
    expect(holdOut(daily(12, 60), 56 * DAY_MS)).toBeNull();
    expect(holdOut(daily(12, 60), 60 * DAY_MS)).toBeNull();
  });

  test('days without a visit are passed over', () => {
    const { items, offsets, endedAt } = daily(12, 60);
    const paused = endedAt.map((end) => (end >= 57 * DAY_MS ? end + 365 * DAY_MS : end));
    const heldOut = holdOut({ items, offsets, endedAt: paused }, 40 * DAY_MS);
    expect(heldOut?.older.endedAt).toHaveLength(55 * 12);
  });
});

test('items that only the newest sessions have are not predicted', () => {
  const old = Array.from({ length: 400 }, () => [1, 2, 3]);
  const newest = Array.from({ length: 100 }, () => [1, 9, 3]);
  const heldOut = holdOut(encodeSessions([...old, ...newest]));
  expect(heldOut?.choosing).toHaveLength(50);
  expect(new Set(heldOut?.choosing.map(({ target }) => target))).toEqual(new Set([3]));
});

test('spread takes evenly from all, at most so many', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6], 3)).toEqual([0, 3, 6]);
  expect(spread([0, 1], 3)).toEqual([0, 1]);
});
