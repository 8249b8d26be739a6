import { Logger, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessModule } from '#access';
import { AttributionModule } from '#attribution';
import { CatalogModule } from '#catalog';
import { EventIntake, EventsModule } from '#events';
import { createKafkaCluster } from '#kafka';
import { PlacementsModule } from '#placements';
import { kafkaSettings, PlatformModule, type Configuration } from '#platform';
import { RecommenderModule } from '#recommender';
import { RegistryModule } from '#registry';
import { RunsModule } from '#runs';
import { VisitorsModule } from '#visitors';
import { SharedFigures } from '../processes/index.js';
import { Collector } from './events/collector.js';
import { EventsController } from './events/events.controller.js';
import { PacedCollector } from './events/paced-collector.js';
import { StreamCollector } from './events/stream-collector.js';
import { HealthController } from './health/health.controller.js';
import { AccessGuard } from './http/access.guard.js';
import { BodyPipe } from './http/body.pipe.js';
import { Drain } from './http/drain.js';
import { Gatekeeper } from './http/gatekeeper.js';
import { LoadShedding } from './http/load-shedding.js';
import { ItemsController } from './items/items.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';
import { ModelMetrics } from './metrics/model-metrics.js';
import { PlacementMetricsController } from './metrics/placements.controller.js';
import { TrainingGauges } from './metrics/training-gauges.js';
import { ModelsController } from './models/models.controller.js';
import { PlacementsController } from './placements/placements.controller.js';
import { RecommendationsController } from './recommendations/recommendations.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { ReceiptsController } from './visitors/receipts.controller.js';
import { VisitorsController } from './visitors/visitors.controller.js';

/** Of the connections to the database: so many may be busy with events, whatever comes. */
const EVENT_SHARE = 0.4;

/** Everything behind the HTTP contract. */
@Module({})
export class ApiModule {
  /** @param roles other roles that run in the same process */
  static forRoot(configuration: Configuration, roles: readonly DynamicModule[]): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        PlatformModule.forRoot(configuration),
        AccessModule,
        AttributionModule,
        CatalogModule,
        EventsModule,
        PlacementsModule,
        RecommenderModule,
        RegistryModule,
        RunsModule,
        VisitorsModule,
        ...roles,
      ],
      controllers: [
        EventsController,
        RecommendationsController,
        ItemsController,
        PlacementsController,
        ModelsController,
        RunsController,
        VisitorsController,
        ReceiptsController,
        HealthController,
        MetricsController,
        PlacementMetricsController,
      ],
      providers: [
        Metrics,
        TrainingGauges,
        ModelMetrics,
        Drain,
        Gatekeeper,
        LoadShedding,
        SharedFigures,
        collector(configuration),
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_PIPE, useClass: BodyPipe },
      ],
    };
  }
}

/** With KAFKA_BROKERS events go to Kafka, else straight into the database. */
function collector(configuration: Configuration): Provider {
  const kafka = kafkaSettings(configuration);
  if (!kafka) {
    const writers = Math.floor(configuration.databaseConnections * EVENT_SHARE);
    return {
      provide: Collector,
      inject: [EventIntake],
      useFactory: (intake: EventIntake) => new PacedCollector(intake, writers),
    };
  }
  const cluster = createKafkaCluster(kafka, new Logger('Kafka'));
  return { provide: Collector, useFactory: () => new StreamCollector(cluster, kafka.events) };
}
