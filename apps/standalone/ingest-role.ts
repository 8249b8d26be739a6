import { Logger, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { DomainError } from '#domain';
import { kafkaSettings, type Configuration } from '#platform';
import { Ingestor, IngestModule } from '../ingest/index.js';

/** The ingest role's module, with KAFKA_BROKERS. */
export function ingestRole(configuration: Configuration): DynamicModule[] {
  const kafka = kafkaSettings(configuration);
  return kafka ? [IngestModule.forRoot(kafka)] : [];
}

/**
 * Runs the ingest role of an application, if it has one. What it cannot get over is logged; the others go on.
 * @returns ends it, after the batch under way
 */
export function runIngestRole(app: INestApplicationContext, configuration: Configuration): () => Promise<void> {
  if (!kafkaSettings(configuration)) return () => Promise.resolve();
  const stopping = new AbortController();
  const running = app
    .get(Ingestor, { strict: false })
    .run(stopping.signal)
    .catch((error: unknown) => {
      new Logger('Ingest').error(error instanceof DomainError ? error.message : error);
    });
  return async () => {
    stopping.abort();
    await running;
  };
}
