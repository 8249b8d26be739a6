import { quantile } from '../quantile.js';
import type { LoadResult } from './load.js';

/** Notes what became of each request of a load. */
export class Outcomes {
  private readonly answered: number[] = [];
  private readonly refused: number[] = [];
  private failed = 0;
  private failure: string | null = null;

  /** @param milliseconds that it took */
  note(status: number, milliseconds: number): void {
    if (status === 200) this.answered.push(milliseconds);
    else if (status === 503) this.refused.push(milliseconds);
    else this.fail(`status ${status}`);
  }

  fail(reason: string): void {
    this.failed += 1;
    this.failure ??= reason;
  }

  get requests(): number {
    return this.answered.length + this.refused.length + this.failed;
  }

  result(seconds: number): LoadResult {
    const { answered, refused, failed, failure, requests } = this;
    return {
      requests,
      seconds,
      answered: answered.length,
      p50Ms: quantile(answered, 0.5),
      p90Ms: quantile(answered, 0.9),
      p99Ms: quantile(answered, 0.99),
      maxMs: quantile(answered, 1),
      refused: refused.length,
      refusedP99Ms: quantile(refused, 0.99),
      failed,
      failure,
    };
  }
}
