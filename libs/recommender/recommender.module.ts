import { Module } from '@nestjs/common';
import { CatalogModule } from '#catalog';
import { RegistryModule } from '#registry';
import { SessionsModule } from '#sessions';
import { VisitorsModule } from '#visitors';
import { Assortment } from './assortment.js';
import { ModelsInService } from './models-in-service.js';
import { PopularityLists } from './popularity-lists.js';
import { PopularityTimer } from './popularity-timer.js';
import { Recommender } from './recommender.js';
import { RelatedItems } from './related-items.js';
import { Strategies } from './strategies/strategies.js';

/** Answers; needs a TypeORM `DataSource` with the entities of the libraries that it imports. */
@Module({
  imports: [CatalogModule, RegistryModule, SessionsModule, VisitorsModule],
  providers: [Assortment, ModelsInService, PopularityLists, PopularityTimer, Recommender, RelatedItems, Strategies],
  exports: [ModelsInService, Recommender],
})
export class RecommenderModule {}
