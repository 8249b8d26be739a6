import { alternate, splitByTime } from '#dataset';
import type { EncodedSessions } from '#domain';
import { predictionCases, type PredictionCase } from '#evaluation';

/** The newest 5% of the sessions are held out: more of a small shop's, and of a large one no more than is needed for narrow intervals. */
const HELD_OUT = { share: 0.05, leastSessions: 1_000, mostShare: 0.2, mostClicks: 80_000 } as const;
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

/** Holds the newest sessions out; null where they hold too few predictions to learn from. */
export function holdOut(sessions: EncodedSessions): HeldOut | null {
  const { older, newest } = splitByTime(sessions, heldOutShare(sessions));
  const clicked = new Set(older.items);
  const known = (item: number): boolean => clicked.has(item);
  const [first, judging] = alternate(newest);
  const choosing = casesOf(first, known);
  if (Math.min(choosing.length, casesOf(judging, known).length) < LEAST_CASES) return null;
  return { older, choosing, judging };
}

function heldOutShare({ items, offsets, endedAt }: EncodedSessions): number {
  const { share, leastSessions, mostShare, mostClicks } = HELD_OUT;
  const count = endedAt.length;
  const withinClicks = count - offsets.findIndex((offset) => items.length - offset <= mostClicks);
  return Math.min(mostShare, withinClicks / count, Math.max(share, leastSessions / count));
}

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
