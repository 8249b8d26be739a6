import { Module } from '@nestjs/common';
import { AttributionModule } from '#attribution';
import { CatalogModule } from '#catalog';
import { PlacementsModule } from '#placements';
import { RegistryModule } from '#registry';
import { SessionsModule } from '#sessions';
import { VisitorsModule } from '#visitors';
import { Assortment } from './assortment.js';
import { ItemChooser } from './item-chooser.js';
import { ModelsInService } from './models-in-service.js';
import { PlacementsInUse } from './placements-in-use.js';
import { PopularityLists } from './popularity-lists.js';
import { PopularityTimer } from './popularity-timer.js';
import { Recommender } from './recommender.js';
import { RelatedItems } from './related-items.js';
import { ScoringBudget } from './scoring-budget.js';
import { Strategies } from './strategies/strategies.js';
import { Visits } from './visits.js';

/** Answers; needs a TypeORM `DataSource` with the entities of the libraries that it imports. */
@Module({
  imports: [AttributionModule, CatalogModule, PlacementsModule, RegistryModule, SessionsModule, VisitorsModule],
  providers: [
    Assortment,
    ItemChooser,
    ModelsInService,
    PlacementsInUse,
    PopularityLists,
    PopularityTimer,
    Recommender,
    RelatedItems,
    ScoringBudget,
    Strategies,
    Visits,
  ],
  exports: [ModelsInService, Recommender],
})
export class RecommenderModule {}
