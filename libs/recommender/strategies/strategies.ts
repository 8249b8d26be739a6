import { Injectable } from '@nestjs/common';
import type { StrategyName } from '#domain';
import { VisitorHistory } from '#visitors';
import { ModelsInService } from '../models-in-service.js';
import { PopularityLists, type ListName } from '../popularity-lists.js';
import { RelatedItems } from '../related-items.js';
import { ScoringBudget } from '../scoring-budget.js';
import { Because } from './because.js';
import { BoughtTogether } from './bought-together.js';
import { Budgeted } from './budgeted.js';
import { BuyAgain } from './buy-again.js';
import { ListStrategy } from './list-strategy.js';
import { ModelStrategy } from './model-strategy.js';
import { RecentlyViewed } from './recently-viewed.js';
import { SimilarItems } from './similar-items.js';
import type { Strategy } from './strategy.js';

/** Every way to find items, by its name. */
@Injectable()
export class Strategies {
  private readonly strategies: Readonly<Record<StrategyName, Strategy>>;

  constructor(
    models: ModelsInService,
    private readonly lists: PopularityLists,
    related: RelatedItems,
    history: VisitorHistory,
    budget: ScoringBudget,
  ) {
    const inTime = (strategy: Strategy): Strategy => new Budgeted(strategy, budget);
    const list = (name: ListName): Strategy => new ListStrategy(lists.named(name), name);
    this.strategies = {
      'next-item': inTime(new ModelStrategy(models, new Because(related))),
      'similar-items': inTime(new SimilarItems(related)),
      'bought-together': inTime(new BoughtTogether(related, history)),
      trending: list('trending'),
      popular: list('popular'),
      'new-arrivals': list('new-arrivals'),
      'recently-viewed': inTime(new RecentlyViewed(history)),
      'buy-again': inTime(new BuyAgain(history)),
    };
  }

  named(name: StrategyName): Strategy {
    return this.strategies[name];
  }

  /** To be called when items were added, changed or removed. */
  catalogueChanged(store: string): void {
    this.lists.forget(store);
  }
}
