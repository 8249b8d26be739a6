import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startLocalKafka, type LocalKafka } from '#local-kafka';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the address of the run's Kafka broker; see `kafkaBrokers` in kafka.ts. */
    kafkaStarter: string;
  }
}

/**
 * Vitest global setup: one real Kafka broker for the run, in a temporary folder. It starts when the first test asks for
 * it, because most runs need none; the projects share it.
 */
export default async function offerKafka(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = project.vitest.getRootProject();
  if ('kafkaStarter' in root.getProvidedContext()) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-kafka-'));
  let kafka: Promise<LocalKafka> | undefined;
  const server = createServer((_request, response) => {
    kafka ??= startLocalKafka({ folder });
    kafka.then(
      ({ brokers }) => response.end(brokers),
      (error: unknown) => response.writeHead(503).end((error as Error).message),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  root.provide('kafkaStarter', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    // That it did not start has failed the tests that asked for it.
    await kafka?.then((started) => started.kill()).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
}
