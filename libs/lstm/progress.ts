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
  private done = 0;
  private readonly total: number;
  private readonly start = performance.now();

  constructor(
    private readonly epochs: number,
    targetsPerEpoch: number,
    private readonly report: ((progress: TrainingProgress) => void) | undefined,
  ) {
    this.total = epochs * targetsPerEpoch;
  }

  /** From 0 to 1. */
  get shareDone(): number {
    return this.done / this.total;
  }

  advance(epoch: number, targets: number, loss: number): void {
    this.done += targets;
    const targetsPerSecond = (1000 * this.done) / (performance.now() - this.start);
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
