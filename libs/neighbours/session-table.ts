import type { EncodedSessions } from '#domain';

/** Older sessions than so many of the newest say nothing that the newer ones do not, and are left out. */
const MAXIMUM_SESSIONS = 2_000_000;

/** Of a longer session only so many of its newest items are kept: no shopper's, a program's. */
export const MAXIMUM_LENGTH = 200;

/** Sessions, the oldest first, and for each item the sessions with it. */
export interface SessionTable {
  /** Item indexes run from 1 to this. */
  readonly itemCount: number;
  /** Session s holds `items[offsets[s] .. offsets[s + 1])`, oldest first; 1 to {@link MAXIMUM_LENGTH} of them. */
  readonly items: Int32Array;
  /** [sessions + 1] */
  readonly offsets: Int32Array;
  /** [sessions], milliseconds since the epoch. */
  readonly endedAt: Float64Array;
  /** Item x is in the sessions `postings[postingOffsets[x] .. postingOffsets[x + 1])`, the newest first, each once. */
  readonly postings: Int32Array;
  /** [itemCount + 2] */
  readonly postingOffsets: Int32Array;
}

/** Takes the newest sessions; a session without items is left out. Time and memory grow with the steps. */
export function buildSessionTable(
  sessions: EncodedSessions,
  itemCount: number,
  maximumSessions = MAXIMUM_SESSIONS,
): SessionTable {
  const kept = keepNewest(sessions, maximumSessions);
  return { itemCount, ...kept, ...buildPostings(kept, itemCount) };
}

function keepNewest({ items, offsets, endedAt }: EncodedSessions, maximumSessions: number): EncodedSessions {
  const newest = new Int32Array(Math.min(maximumSessions, endedAt.length));
  let first = newest.length;
  for (let session = endedAt.length - 1; session >= 0 && first > 0; session--)
    if ((offsets[session + 1] as number) > (offsets[session] as number)) newest[--first] = session;
  const chosen = newest.subarray(first);
  const keptOffsets = new Int32Array(chosen.length + 1);
  const firstStep = (session: number): number =>
    Math.max(offsets[session] as number, (offsets[session + 1] as number) - MAXIMUM_LENGTH);
  chosen.forEach((session, place) => {
    keptOffsets[place + 1] = (keptOffsets[place] as number) + (offsets[session + 1] as number) - firstStep(session);
  });
  const keptItems = new Int32Array(keptOffsets[chosen.length] as number);
  const keptEnds = new Float64Array(chosen.length);
  chosen.forEach((session, place) => {
    keptItems.set(items.subarray(firstStep(session), offsets[session + 1]), keptOffsets[place]);
    keptEnds[place] = endedAt[session] as number;
  });
  return { items: keptItems, offsets: keptOffsets, endedAt: keptEnds };
}

function buildPostings(
  { items, offsets, endedAt }: EncodedSessions,
  itemCount: number,
): Pick<SessionTable, 'postings' | 'postingOffsets'> {
  const lastSeenIn = new Int32Array(itemCount + 1);
  const eachOnce = (visit: (item: number, session: number) => void): void => {
    lastSeenIn.fill(-1);
    for (let session = endedAt.length - 1; session >= 0; session--) {
      for (let step = offsets[session] as number; step < (offsets[session + 1] as number); step++) {
        const item = items[step] as number;
        if (lastSeenIn[item] === session) continue;
        lastSeenIn[item] = session;
        visit(item, session);
      }
    }
  };
  const postingOffsets = new Int32Array(itemCount + 2);
  eachOnce((item) => {
    postingOffsets[item + 1] = (postingOffsets[item + 1] as number) + 1;
  });
  for (let item = 0; item <= itemCount; item++)
    postingOffsets[item + 1] = (postingOffsets[item + 1] as number) + (postingOffsets[item] as number);
  const postings = new Int32Array(postingOffsets[itemCount + 1] as number);
  const next = postingOffsets.slice();
  eachOnce((item, session) => {
    const place = next[item] as number;
    postings[place] = session;
    next[item] = place + 1;
  });
  return { postings, postingOffsets };
}
