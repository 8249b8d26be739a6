import type { RunEnd } from './run-notes.js';

/** Who started a run. */
export type RunOrigin = 'command' | 'schedule';

/** What a training run did and how it ended. */
export interface TrainingRun {
  readonly store: string;
  readonly id: string;
  readonly outcome: 'running' | RunEnd['outcome'];
  readonly startedAt: Date;
  /** The last sign of life. */
  readonly heartbeatAt: Date;
  readonly finishedAt: Date | null;
  /** What it does, or did when it ended. */
  readonly stage: string | null;
  /** A sentence; null while it runs. */
  readonly reason: string | null;
  /** The model that it stored. */
  readonly version: string | null;
  readonly origin: RunOrigin;
  readonly process: string;
  /** `options`, `data`, `recipe`, `curve`, `metrics`, `gate`, `usage`: as far as it got. */
  readonly details: Readonly<Record<string, unknown>>;
}
