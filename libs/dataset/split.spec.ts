import { expect, test } from 'vitest';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { alternate, splitByTime } from './split.js';

const sessions = {
  items: Int32Array.of(1, 2, 3, 4, 5, 6, 7),
  offsets: Int32Array.of(0, 2, 5, 7),
  endedAt: Float64Array.of(10, 20, 30),
};

test('the newest share is parted, with offsets of its own', () => {
  const { older, newest } = splitByTime(sessions, 0.4);
  expect([...older.items]).toEqual([1, 2, 3, 4, 5]);
  expect([...older.offsets]).toEqual([0, 2, 5]);
  expect([...older.endedAt]).toEqual([10, 20]);
  expect([...newest.items]).toEqual([6, 7]);
  expect([...newest.offsets]).toEqual([0, 2]);
  expect([...newest.endedAt]).toEqual([30]);
});

test.each([
  [0, 3],
  [0.3, 3],
  [1, 0],
])('a share of %d leaves %d older sessions', (share, older) => {
  expect(splitByTime(sessions, share).older.endedAt).toHaveLength(older);
  expect(splitByTime(sessions, share).newest.endedAt).toHaveLength(3 - older);
});

test.each([-0.1, 1.1, Number.NaN])('a share of %d is refused', (share) => {
  expect(() => splitByTime(sessions, share)).toThrow('must be from 0 to 1');
});

test.each<[sessions: number[][], first: number[][], second: number[][]]>([
  [[], [], []],
  [[[1, 2]], [[1, 2]], []],
  [
    [[1, 2], [3, 4, 5], [6, 7], [8], [9, 9]],
    [
      [1, 2],
      [6, 7],
      [9, 9],
    ],
    [[3, 4, 5], [8]],
  ],
])('%j alternates between %j and %j', (lists, ...halves) => {
  const ends = lists.map((_, session) => 10 * session);
  const expected = halves.map((half, i) =>
    encodeSessions(
      half,
      ends.filter((_, session) => session % 2 === i),
    ),
  );
  expect(alternate(encodeSessions(lists, ends))).toEqual(expected);
});

test('a part of a longer array alternates by its own offsets', () => {
  const { newest } = splitByTime(sessions, 0.7);
  const [first, second] = alternate(newest);
  expect([...first.items]).toEqual([3, 4, 5]);
  expect([...first.endedAt]).toEqual([20]);
  expect([...second.items]).toEqual([6, 7]);
  expect([...second.offsets]).toEqual([0, 2]);
});
