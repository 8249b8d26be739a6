import { SingleBar } from 'cli-progress';

export interface ProgressState {
  /** Of the whole work, 0 to 1. */
  readonly done: number;
  /** Things done so far, for the rate. */
  readonly count: number;
  /** Said behind the rate, such as `3 rejected`. */
  readonly note?: string;
}

/** The state of reading a file: how much of it is read, and so many things from it. */
export function fileState(
  { bytesRead, bytes, rejected }: { readonly bytesRead: number; readonly bytes: number; readonly rejected: number },
  count: number,
): ProgressState {
  return { done: bytesRead / bytes, count, ...(rejected > 0 && { note: `${rejected} rejected` }) };
}

/** Shows how far long work is, with its rate and the time left. */
export interface Progress {
  update(state: ProgressState): void;
  stop(): void;
}

export interface ProgressOptions {
  /** What is being done, such as `Importing clicks.tsv`. */
  readonly title: string;
  /** What is counted, such as `events`. */
  readonly unit: string;
  /** For a machine: shows nothing. */
  readonly quiet?: boolean;
  readonly stream?: NodeJS.WriteStream;
  /** Milliseconds. */
  readonly now?: () => number;
}

const LINE_INTERVAL_MS = 5_000;

/** A bar on a terminal; elsewhere a line every few seconds. Goes to standard error: the result is what is printed. */
export function createProgress(options: ProgressOptions): Progress {
  const { title, quiet = false, stream = process.stderr, now = Date.now } = options;
  if (quiet) return { update: () => undefined, stop: () => undefined };
  const start = now();
  const describe = (state: ProgressState): string => describeProgress(state, options.unit, now() - start);
  if (stream.isTTY) {
    const bar = new SingleBar({ format: `${title} [{bar}] {percentage}% {text}`, stream, hideCursor: true });
    bar.start(1, 0, { text: '' });
    return {
      update: (state) => {
        bar.update(state.done, { text: describe(state) });
      },
      stop: () => {
        bar.stop();
      },
    };
  }
  let last = start;
  return {
    update: (state) => {
      if (now() - last < LINE_INTERVAL_MS) return;
      last = now();
      stream.write(`${title}: ${Math.floor(state.done * 100)}%, ${describe(state)}\n`);
    },
    stop: () => undefined,
  };
}

/** @param elapsedMs since the start */
export function describeProgress({ done, count, note }: ProgressState, unit: string, elapsedMs: number): string {
  const seconds = Math.max(elapsedMs, 1) / 1000;
  const parts = [`${count.toLocaleString('en')} ${unit}`, `${Math.round(count / seconds).toLocaleString('en')}/s`];
  if (done > 0 && done < 1) parts.push(`${formatSeconds((seconds * (1 - done)) / done)} left`);
  if (note) parts.push(note);
  return parts.join(', ');
}

/** Such as `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
