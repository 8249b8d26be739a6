import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { InvalidInputError } from '#domain';
import { kafkaSettings, PlatformModule, type Configuration } from '#platform';
import { ProblemFilter } from '../api/http/problem.filter.js';
import { applicationOptions } from '../application-options.js';
import { IngestController } from './ingest.controller.js';
import { IngestModule } from './ingest.module.js';

/** The ingest role alone, with its own health and metrics. */
@Module({})
class IngestApplication {}

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
  const application: DynamicModule = {
    module: IngestApplication,
    imports: [PlatformModule.forRoot(configuration), IngestModule.forRoot(kafka)],
    controllers: [IngestController],
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    application,
    new FastifyAdapter(),
    applicationOptions(configuration),
  );
  app.useGlobalFilters(new ProblemFilter());
  return app;
}
