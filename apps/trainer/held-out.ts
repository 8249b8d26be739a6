import { alternate, splitByTime } from '#dataset';
import type { EncodedSessions } from '#domain';
import { predictionCases, type PredictionCase } from '#evaluation';

/**
 * Without a model in service the newest 5% of the sessions are held out: more of a small shop's. With one, the newest day that it has not
 * learnt from. Of a large shop no more than is needed for narrow intervals.
 */
const HELD_OUT = { share: 0.05, leastSessions: 1_000, mostShare: 0.2, mostClicks: 80_000 } as const;
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
  const share = learntUntil === undefined ? newestShare(sessions) : unseenDay(sessions, learntUntil);
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
  return Math.min(mostShare, withinClicks(sessions), Math.max(share, leastSessions / sessions.endedAt.length));
}

function unseenDay(sessions: EncodedSessions, learntUntil: number): number {
  const { endedAt } = sessions;
  const after = Math.max(learntUntil, (endedAt.at(-1) ?? 0) - DAY_MS);
  const first = endedAt.findIndex((end) => end > after);
  return first === -1 ? 0 : Math.min(withinClicks(sessions), shareOf(endedAt.length - first, endedAt.length));
}

function withinClicks({ items, offsets, endedAt }: EncodedSessions): number {
  const count = endedAt.length;
  const first = offsets.findIndex((offset) => items.length - offset <= HELD_OUT.mostClicks);
  return shareOf(count - first, count);
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
