import { alternate, splitByTime } from '#dataset';
import type { EncodedSessions } from '#domain';
import { predictionCases, type PredictionCase } from '#evaluation';

/**
 * Without a model in service the newest 5% of the sessions are held out: more of a small shop's. With one, the newest day that it has not
 * learnt from, and of a shop with few visits as many days before it as make enough predictions. Of a large shop no more than is needed for
 * narrow intervals, and of a young one, whose last day has more than all before, no more than half of all.
 */
const HELD_OUT = { share: 0.05, leastSessions: 1_000, mostShare: 0.2, mostUnseen: 0.5, mostClicks: 80_000 } as const;
const DAY_MS = 86_400_000;
/** With fewer predictions to learn from or to judge by, what comes out is chance. */
export const LEAST_CASES = 50;

/** The newest sessions, apart from the ones that a trial training learns from. */
export interface HeldOut {
  readonly older: EncodedSessions;
  /** From every second one of the newest sessions: whatever is chosen is chosen by these. */
  readonly choosing: readonly PredictionCase<number>[];
  /** The other newest sessions, by which nothing is chosen. */
  readonly judging: EncodedSessions;
}

/**
 * Holds the newest sessions out; null where they hold too few predictions to learn from.
 * @param learntUntil what ended then or before, in milliseconds since the epoch, is not held out: the model in service has learnt from it
 */
export function holdOut(sessions: EncodedSessions, learntUntil?: number): HeldOut | null {
  if (learntUntil === undefined) return holdShareOut(sessions, newestShare(sessions));
  for (const share of unseenShares(sessions, learntUntil)) {
    const heldOut = holdShareOut(sessions, share);
    if (heldOut) return heldOut;
  }
  return null;
}

function holdShareOut(sessions: EncodedSessions, share: number): HeldOut | null {
  const { older, newest } = splitByTime(sessions, share);
  const clicked = new Set(older.items);
  const known = (item: number): boolean => clicked.has(item);
  const [first, judging] = alternate(newest);
  const choosing = casesOf(first, known);
  if (Math.min(choosing.length, casesOf(judging, known).length) < LEAST_CASES) return null;
  return { older, choosing, judging };
}

function newestShare(sessions: EncodedSessions): number {
  const { share, leastSessions, mostShare } = HELD_OUT;
  const count = sessions.endedAt.length;
  const withinClicks = shareOf(count - firstWithinClicks(sessions), count);
  return Math.min(mostShare, withinClicks, Math.max(share, leastSessions / count));
}

/** The newest day that was not learnt from, then with the day before it, and so on. Days without a session are passed over. */
function* unseenShares(sessions: EncodedSessions, learntUntil: number): Generator<number, void> {
  const { endedAt } = sessions;
  const count = endedAt.length;
  const unseen = endedAt.findIndex((end) => end > learntUntil);
  if (unseen === -1) return;
  const oldest = Math.max(unseen, firstWithinClicks(sessions), Math.floor(count * (1 - HELD_OUT.mostUnseen)));
  for (let first = count; first > oldest;) {
    const after = (endedAt[first - 1] ?? 0) - DAY_MS;
    first = Math.max(
      oldest,
      endedAt.findIndex((end) => end > after),
    );
    yield shareOf(count - first, count);
  }
}

function firstWithinClicks({ items, offsets }: EncodedSessions): number {
  return offsets.findIndex((offset) => items.length - offset <= HELD_OUT.mostClicks);
}

/** Such that `share * count`, rounded down, is the part again. */
const shareOf = (part: number, count: number): number => Math.min(1, (part + 0.5) / count);

function casesOf(sessions: EncodedSessions, known: (item: number) => boolean): PredictionCase<number>[] {
  const { items, offsets, endedAt } = sessions;
  const lists = Array.from(endedAt, (_, session) => items.subarray(offsets[session], offsets[session + 1]));
  return [...predictionCases(lists, known)];
}

/** At most so many, evenly from all. */
export function spread<Value>(values: readonly Value[], most: number): Value[] {
  const step = Math.max(1, Math.ceil(values.length / most));
  return values.filter((_, i) => i % step === 0);
}
