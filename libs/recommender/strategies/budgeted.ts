import type { RecommendationSource } from '#domain';
import type { ScoringBudget } from '../scoring-budget.js';
import type { Candidate, Strategy, Wish } from './strategy.js';

/** A strategy that offers nothing when it does not answer before the deadline of the wish. */
export class Budgeted implements Strategy {
  readonly source: RecommendationSource;

  constructor(
    private readonly strategy: Strategy,
    private readonly budget: ScoringBudget,
  ) {
    this.source = strategy.source;
  }

  candidates(wish: Wish): Promise<readonly Candidate[]> {
    return this.budget.within(wish.deadline ?? Infinity, 'strategy', () => this.strategy.candidates(wish), []);
  }
}
