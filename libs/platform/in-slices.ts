import { setImmediate } from 'node:timers/promises';

const sliceMs = 3;
/** Steps between two looks at the clock, unless told otherwise. */
const usualStride = 16;

let last: Promise<void> = Promise.resolve();

/**
 * Calls `work` with 0 to `length` - 1, and every 3 ms lets the event loop do what else waits. One such loop runs at a time in the
 * process: the slices of several would follow each other without a pause.
 * @param stride so many calls between two looks at the clock; 1 where one of them may take a millisecond
 */
export function inSlices(length: number, work: (index: number) => void, stride = usualStride): Promise<void> {
  const run = last.then(() => slice(length, work, stride));
  // Whoever asked hears of a failure; the next in line need not.
  last = run.catch(() => undefined);
  return run;
}

async function slice(length: number, work: (index: number) => void, stride: number): Promise<void> {
  let until = performance.now() + sliceMs;
  for (let index = 0; index < length; index++) {
    work(index);
    if (index % stride === stride - 1 && performance.now() >= until) {
      await setImmediate();
      until = performance.now() + sliceMs;
    }
  }
}
