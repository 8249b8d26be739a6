import type { BatchControl } from '#kafka';
import { pauseUnlessAborted } from '#platform';

const LONGEST_PAUSE_MS = 5_000;
const HEARTBEAT_MS = 1_000;

/** Milliseconds before the next try, `failures` after the last success: twice as long each time, with chance in it. */
export function backOff(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, 100 * 2 ** failures) * (0.5 + Math.random() / 2);
}

/**
 * Awaits work that may take long, and tells the group meanwhile that this member lives.
 * @throws what the work throws, or else, once the work is done, what a heartbeat threw: the group is being rebalanced
 */
export async function withHeartbeats<T>(work: Promise<T>, control: Pick<BatchControl, 'heartbeat'>): Promise<T> {
  const done = new AbortController();
  const beating = beatUntilAborted(control, done.signal);
  try {
    const result = await work;
    done.abort();
    const failure = await beating;
    if (failure) throw failure;
    return result;
  } finally {
    done.abort();
  }
}

/** @returns what a heartbeat threw, if one did */
async function beatUntilAborted(
  control: Pick<BatchControl, 'heartbeat'>,
  signal: AbortSignal,
): Promise<Error | undefined> {
  for (;;) {
    await pauseUnlessAborted(HEARTBEAT_MS, signal);
    if (signal.aborted) return undefined;
    try {
      await control.heartbeat();
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
  }
}
