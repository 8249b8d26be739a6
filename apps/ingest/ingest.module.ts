import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessModule, ApiKeys } from '#access';
import { DeadLetters, EventIntake, EventsModule, StreamOffsets } from '#events';
import { createKafkaCluster } from '#kafka';
import type { KafkaSettings } from '#platform';
import { IngestMetrics } from './ingest-metrics.js';
import { Ingestor } from './ingestor.js';
import { KnownStores } from './known-stores.js';
import { Readiness } from './readiness.js';
import { RecordStore } from './record-store.js';

/** From Kafka into the database; needs `PlatformModule`. `Ingestor` does it, `Readiness` tells whether it can. */
@Module({})
export class IngestModule {
  static forRoot(kafka: KafkaSettings): DynamicModule {
    const logger = new Logger('Ingest');
    return {
      module: IngestModule,
      imports: [AccessModule, EventsModule],
      providers: [
        IngestMetrics,
        Readiness,
        { provide: KnownStores, inject: [ApiKeys], useFactory: (keys: ApiKeys) => new KnownStores(keys) },
        {
          provide: RecordStore,
          inject: [DataSource, EventIntake, StreamOffsets, DeadLetters, KnownStores],
          useFactory: (...parts: ConstructorParameters<typeof RecordStore>) => new RecordStore(...parts),
        },
        {
          provide: Ingestor,
          inject: [RecordStore, StreamOffsets, IngestMetrics, Readiness, DeadLetters],
          useFactory: (
            records: RecordStore,
            offsets: StreamOffsets,
            metrics: IngestMetrics,
            readiness: Readiness,
            deadLetters: DeadLetters,
          ) =>
            new Ingestor(
              () => createKafkaCluster(kafka, logger),
              kafka,
              { records, offsets, metrics, readiness, logger },
              deadLetters,
            ),
        },
      ],
      exports: [Ingestor, Readiness],
    };
  }
}
