import { Logger } from '@nestjs/common';
import { DomainError } from '#domain';
import type { Configuration } from '#platform';
import { createIngest, Ingestor } from '../ingest/index.js';
import { listen } from './listen.js';

/** The ingest role, running beside others. */
export interface IngestRole {
  /** Of its health and metrics. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the ingest role in this process. What it cannot get over is logged; the others go on.
 * @throws DomainError when it cannot start
 */
export async function startIngestRole(configuration: Configuration): Promise<IngestRole> {
  const app = await createIngest(configuration);
  try {
    const url = await listen(app, {
      host: configuration.host,
      port: configuration.ingestPort,
      setting: 'INGEST_PORT',
    });
    const stopping = new AbortController();
    const running = app
      .get(Ingestor)
      .run(stopping.signal)
      .catch((error: unknown) => {
        new Logger('Ingest').error(error instanceof DomainError ? error.message : error);
      });
    return {
      url,
      stop: async () => {
        stopping.abort();
        await running;
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}
