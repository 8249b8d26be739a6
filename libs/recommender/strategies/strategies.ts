import { Injectable } from '@nestjs/common';
import type { StrategyName } from '#domain';
import { ModelsInService } from '../models-in-service.js';
import { PopularityLists } from '../popularity-lists.js';
import { ListStrategy } from './list-strategy.js';
import { ModelStrategy } from './model-strategy.js';
import type { Strategy } from './strategy.js';

/** Every way to find items, by its name. */
@Injectable()
export class Strategies {
  private readonly strategies: Readonly<Record<StrategyName, Strategy>>;

  constructor(
    models: ModelsInService,
    private readonly lists: PopularityLists,
  ) {
    this.strategies = {
      'next-item': new ModelStrategy(models),
      trending: new ListStrategy(lists, 'trending'),
      popular: new ListStrategy(lists, 'popular'),
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
