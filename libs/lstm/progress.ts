/** How far a training run is. */
export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly targetsDone: number;
  readonly targetsTotal: number;
  /** Mean cross-entropy of the present epoch so far, in nats. */
  readonly loss: number;
  readonly targetsPerSecond: number;
  readonly secondsLeft: number;
}

/** Counts targets and tells the rate and the time left. */
export class ProgressMeter {
  private done: number;
  private readonly total: number;
  private readonly before: number;
  private readonly start = performance.now();

  /** @param shareBefore what was done before the start, from 0 to 1 */
  constructor(
    private readonly epochs: number,
    targetsPerEpoch: number,
    private readonly report: ((progress: TrainingProgress) => void) | undefined,
    shareBefore = 0,
  ) {
    this.total = epochs * targetsPerEpoch;
    this.before = Math.round(shareBefore * this.total);
    this.done = this.before;
  }

  /** From 0 to 1. */
  get shareDone(): number {
    return this.done / this.total;
  }

  advance(epoch: number, targets: number, loss: number): void {
    this.done += targets;
    const targetsPerSecond = (1000 * (this.done - this.before)) / (performance.now() - this.start);
    this.report?.({
      epoch,
      epochs: this.epochs,
      targetsDone: this.done,
      targetsTotal: this.total,
      loss,
      targetsPerSecond,
      secondsLeft: (this.total - this.done) / targetsPerSecond,
    });
  }
}
