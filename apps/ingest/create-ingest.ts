import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { kafkaSettings } from '#platform';
import { InvalidInputError } from '#domain';
import type { Configuration } from '#platform';
import { ProblemFilter } from '../api/http/problem.filter.js';
import { applicationOptions } from '../application-options.js';
import { IngestModule } from './ingest.module.js';

/**
 * The ingest role: `app.get(Ingestor).run(signal)` consumes, and the app answers /health and /metrics once it listens.
 * @throws InvalidInputError `kafka_missing` without KAFKA_BROKERS
 */
export async function createIngest(configuration: Configuration): Promise<NestFastifyApplication> {
  const kafka = kafkaSettings(configuration);
  if (!kafka) {
    throw new InvalidInputError(
      'kafka_missing',
      'KAFKA_BROKERS is not set: it names the brokers to read events from, such as 127.0.0.1:9092. To have one for a try, run ' +
        '"npm run kafka" in another terminal.',
    );
  }
  const app = await NestFactory.create<NestFastifyApplication>(
    IngestModule.forRoot(configuration, kafka),
    new FastifyAdapter(),
    applicationOptions(configuration),
  );
  app.useGlobalFilters(new ProblemFilter());
  return app;
}
