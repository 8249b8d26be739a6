import { Inject, Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { Configuration, TooLate } from '#platform';

/** A part of an answer that can be left out. */
export type BudgetedPart = 'session' | 'strategy';

/** How long a request may look for its best answer before it gets the next best. */
@Injectable()
export class ScoringBudget {
  private readonly exceeded: Counter<'part'>;
  private readonly milliseconds: number;

  constructor({ scoringBudgetMs }: Configuration, @Inject(Registry) registry: Registry) {
    this.milliseconds = scoringBudgetMs;
    this.exceeded = new Counter({
      name: 'nextpick_budget_exceeded_total',
      help: 'Answers that had to do without the session or without a strategy, because SCORING_BUDGET_MS was over.',
      labelNames: ['part'],
      registers: [registry],
    });
    for (const part of ['session', 'strategy'] satisfies BudgetedPart[]) this.exceeded.inc({ part }, 0);
  }

  /** When the budget of a request that came just now is over, in milliseconds of `performance.now()`. */
  deadline(): number {
    return performance.now() + this.milliseconds;
  }

  /**
   * What `work` resolves to, or `otherwise` when that takes beyond the deadline. Whatever becomes of the work later is ignored.
   * Rejects when the work fails in time.
   */
  async within<Result>(
    deadline: number,
    part: BudgetedPart,
    work: () => Promise<Result>,
    otherwise: Result,
  ): Promise<Result> {
    const left = deadline - performance.now();
    if (left === Infinity) return work();
    if (left > 0) {
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new TooLate());
        }, left);
      });
      try {
        return await Promise.race([work(), over]);
      } catch (error) {
        if (!(error instanceof TooLate)) throw error;
      } finally {
        clearTimeout(timer);
      }
    }
    this.exceeded.inc({ part });
    return otherwise;
  }
}
