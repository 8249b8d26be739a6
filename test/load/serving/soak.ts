import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { post } from '../post.js';
import { memoryMb } from '../process-usage.js';
import type { LoadResult } from './load.js';

const SWAP_MS = 30_000;
const SAMPLE_MS = 1_000;

/** Where the models are changed. */
export interface Swapping {
  readonly url: string;
  /** A secret one. */
  readonly key: string;
  /** Promoted in turn, the second first. */
  readonly versions: readonly [string, string];
  /** Of the API. */
  readonly pid: number;
}

/** A load during which two versions of the model are put in service in turn, and what memory does meanwhile. */
export async function soak(
  load: Promise<LoadResult>,
  { url, key, versions, pid }: Swapping,
): Promise<Record<string, number>> {
  const agent = new Agent();
  const samples: number[] = [];
  let [swaps, ended] = [0, false];
  const end = load.finally(() => {
    ended = true;
  });
  const watch = async (): Promise<void> => {
    const start = performance.now();
    while (!ended) {
      samples.push(await memoryMb(pid));
      if (performance.now() - start >= (swaps + 1) * SWAP_MS) {
        swaps += 1;
        const { status, text } = await post(
          `${url}/v1/models/${versions[(swaps % 2) as 0 | 1]}/promote`,
          '',
          key,
          agent,
        );
        if (status !== 200) throw new Error(`a model could not be promoted: ${status} ${text}`);
      }
      await pause(SAMPLE_MS);
    }
  };
  const [result] = await Promise.all([end, watch()]);
  return {
    soakRequestsPerSecond: result.answered / result.seconds,
    soakErrors: result.refused + result.failed,
    soakP99Ms: result.p99Ms,
    soakSwaps: swaps,
    // The first fifth is when caches and pools fill.
    soakMemoryBeforeMb: meanOf(samples, 0.2, 0.4),
    soakMemoryAfterMb: meanOf(samples, 0.8, 1),
  };
}

/** Of the values from one share of them to another. */
function meanOf(values: readonly number[], from: number, to: number): number {
  const some = values.slice(Math.floor(values.length * from), Math.ceil(values.length * to));
  return some.reduce((sum, value) => sum + value, 0) / some.length;
}
