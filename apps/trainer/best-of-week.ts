import type { EncodedSessions } from '#domain';
import { evaluate, predictionCases, type NamedRanker } from '#evaluation';
import { spread } from './held-out.js';
import { BATCH, CUTOFF } from './rankers.js';

const DAYS = 7;
const DAY_MS = 86_400_000;
/** Of a day, at most so many sessions are asked about: enough to tell half from all. */
const SESSIONS_A_DAY = 300;

/**
 * The P@20 of a model on that one of the newest seven days on which it is best, in percent; days without a session do not count.
 * Undefined where it has learnt from some of them.
 * @param sessions at least one
 * @param learntUntil the end of the newest session that it learnt from, in milliseconds since the epoch
 */
export async function bestOfWeek(
  { rank }: Pick<NamedRanker, 'rank'>,
  { items, offsets, endedAt }: EncodedSessions,
  learntUntil: number,
): Promise<number | undefined> {
  const newest = endedAt.at(-1) ?? 0;
  if (learntUntil > newest - DAYS * DAY_MS) return undefined;
  const days = Array.from({ length: DAYS }, (): Int32Array[] => []);
  for (const [session, end] of endedAt.entries())
    days[Math.floor((newest - end) / DAY_MS)]?.push(items.subarray(offsets[session], offsets[session + 1]));
  let best = 0;
  for (const day of days.filter(({ length }) => length > 0)) {
    const cases = predictionCases(spread(day, SESSIONS_A_DAY));
    const { precision } = await evaluate(cases, rank, { cutoff: CUTOFF, batchSize: BATCH });
    best = Math.max(best, 100 * precision);
  }
  return best;
}
