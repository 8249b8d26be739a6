import { InvalidInputError, type EncodedSessions } from '#domain';

/** The older sessions and the newest ones, both as views of the arrays that they came from. */
export interface TimeSplit {
  readonly older: EncodedSessions;
  readonly newest: EncodedSessions;
}

/**
 * Parts the newest sessions from the rest.
 * @param share How many of all sessions are the newest ones, 0 to 1; their number is rounded down.
 */
export function splitByTime(sessions: EncodedSessions, share: number): TimeSplit {
  if (!(share >= 0 && share <= 1)) {
    throw new InvalidInputError(
      'share_invalid',
      `The share of sessions to hold out must be from 0 to 1, not ${share}`,
      {
        share,
      },
    );
  }
  const count = sessions.endedAt.length;
  const cut = count - Math.floor(count * share);
  return { older: slice(sessions, 0, cut), newest: slice(sessions, cut, count) };
}

/** Every second session from the first, and every second from the second: two halves of the same time. */
export function alternate(sessions: EncodedSessions): [EncodedSessions, EncodedSessions] {
  return [everySecond(sessions, 0), everySecond(sessions, 1)];
}

function everySecond({ items, offsets, endedAt }: EncodedSessions, first: number): EncodedSessions {
  const chosen = Array.from(endedAt.keys()).filter((session) => session % 2 === first);
  const parts = chosen.map((session) => items.subarray(offsets[session], offsets[session + 1]));
  const ends = [0];
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + part.length);
  return {
    items: Int32Array.from(parts.flatMap((part) => [...part])),
    offsets: Int32Array.from(ends),
    endedAt: Float64Array.from(chosen, (session) => endedAt[session] ?? 0),
  };
}

function slice({ items, offsets, endedAt }: EncodedSessions, from: number, to: number): EncodedSessions {
  const start = offsets[from] ?? 0;
  return {
    items: items.subarray(start, offsets[to]),
    // Counted from the part's own first item.
    offsets: offsets.slice(from, to + 1).map((offset) => offset - start),
    endedAt: endedAt.subarray(from, to),
  };
}
