import { TooLate } from './micro-batcher.js';

interface Waiting {
  readonly deadline: number;
  readonly begin: () => void;
  readonly giveUp: () => void;
}

/**
 * Lets so many pieces of work run at a time; the others wait in order. It keeps one kind of work from taking all connections to a
 * database, and what nobody waits for any more from being done at all.
 */
export class Turnstile {
  private readonly waiting: Waiting[] = [];
  private running = 0;

  constructor(private readonly limit: number) {}

  /**
   * Settles as the work does.
   * @param deadline in milliseconds of `performance.now()`: work whose turn comes only then is not begun and rejects with `TooLate`
   */
  async pass<Result>(work: () => Promise<Result>, deadline = Infinity): Promise<Result> {
    if (this.running < this.limit) this.running += 1;
    else {
      await new Promise<void>((begin, reject) => {
        const giveUp = (): void => {
          reject(new TooLate());
        };
        this.waiting.push({ deadline, begin, giveUp });
      });
    }
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Gives the place to the next in line. */
  private leave(): void {
    const now = performance.now();
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      if (next.deadline > now) {
        next.begin();
        return;
      }
      next.giveUp();
    }
    this.running -= 1;
  }
}
