import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from collecting garbage with several threads at once, for a process that answers requests. They shorten a pause of a few
 * milliseconds, and meanwhile take the cores from the threads of the models, whose questions then wait ten times as long.
 * See `node --v8-options`.
 */
export function collectQuietly(): void {
  setFlagsFromString('--no-concurrent-marking');
  setFlagsFromString('--no-parallel-scavenge');
}
