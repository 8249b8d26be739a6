import { describe, expect, it } from 'vitest';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { buildSessionTable, MAXIMUM_LENGTH } from './session-table.js';

describe('buildSessionTable', () => {
  it('lists the sessions of each item, the newest first, each once', () => {
    const { postings, postingOffsets } = buildSessionTable(encodeSessions([[1, 2, 1], [4], [2, 1]]), 4);
    const lists = [1, 2, 3, 4].map((item) =>
      Array.from(postings.subarray(postingOffsets[item], postingOffsets[item + 1])),
    );
    expect(lists).toEqual([[2, 0], [2, 0], [], [1]]);
  });

  it('keeps the newest sessions that are not empty', () => {
    const { items, offsets, endedAt } = buildSessionTable(encodeSessions([[1], [2, 3], [], [4]]), 4, 2);
    expect(Array.from(items)).toEqual([2, 3, 4]);
    expect(Array.from(offsets)).toEqual([0, 2, 3]);
    expect(Array.from(endedAt)).toEqual([1, 3]);
  });

  it('keeps the newest items of a session without end', () => {
    const long = [...Array<number>(50).fill(1), ...Array<number>(MAXIMUM_LENGTH).fill(2)];
    const { items, offsets } = buildSessionTable(encodeSessions([[1], long, [3]]), 3);
    expect(Array.from(offsets)).toEqual([0, 1, 1 + MAXIMUM_LENGTH, 2 + MAXIMUM_LENGTH]);
    expect(new Set(items.subarray(1, -1))).toEqual(new Set([2]));
  });
});
