import type { Command } from 'commander';
import { loadConfiguration } from '#platform';
import type { CommandContext } from './context.js';

/** `ingest`: Kafka into the database, until Ctrl-C. */
export function registerIngest(program: Command, { signal, print }: CommandContext): void {
  program
    .command('ingest')
    .description('read events from Kafka, for all stores (KAFKA_BROKERS); several of these share the partitions')
    .option('--json', 'print one JSON object instead of text', false)
    .action(async ({ json }: { json: boolean }) => {
      // Loaded only here: it would make every other command slower to start.
      const [{ createIngest, Ingestor }, { listen }] = await Promise.all([
        import('../ingest/index.js'),
        import('../standalone/listen.js'),
      ]);
      const configuration = loadConfiguration();
      const app = await createIngest(configuration);
      try {
        const url = await listen(app, {
          host: configuration.host,
          port: configuration.ingestPort,
          setting: 'INGEST_PORT',
        });
        print(
          json
            ? JSON.stringify({ url })
            : `Reading events from Kafka; how it goes is at ${url}/metrics and ${url}/health/ready. Ctrl-C stops it.`,
        );
        await app.get(Ingestor).run(signal);
      } finally {
        await app.close();
      }
    });
}
