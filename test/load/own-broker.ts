import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaCluster, type StreamCluster, type StreamWriter } from '#kafka';
import { startLocalKafka } from '#local-kafka';
import { kafkaSettings, loadConfiguration } from '#platform';

/** An Apache Kafka for one benchmark. */
export interface OwnBroker {
  readonly pid: number;
  /** For the roles. */
  readonly environment: { readonly KAFKA_BROKERS: string };
  /** The events topic; it is there. */
  readonly topic: string;
  /** Opens a writer, and closes it after the work. */
  readonly withWriter: <Result>(work: (writer: StreamWriter) => Promise<Result>) => Promise<Result>;
}

/** What Kafka takes at most by default. */
const MAXIMUM_MESSAGE_BYTES = 1_048_588;

/** Runs something with an Apache Kafka of its own and an empty events topic, which are removed afterwards. */
export async function withOwnBroker<Result>(
  partitions: number,
  work: (broker: OwnBroker) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-bench-'));
  try {
    const kafka = await startLocalKafka({ folder });
    try {
      const environment = { KAFKA_BROKERS: kafka.brokers };
      const settings = kafkaSettings(loadConfiguration(environment));
      if (!settings) throw new Error('there are no settings for Kafka');
      const cluster = createKafkaCluster(settings, quiet);
      try {
        await cluster.connect();
        await cluster.createTopic(settings.events, {
          partitionCount: partitions,
          replicationFactor: 1,
          maximumMessageBytes: MAXIMUM_MESSAGE_BYTES,
        });
        return await work({
          pid: kafka.pid,
          environment,
          topic: settings.events,
          withWriter: (write) => withWriter(cluster, write),
        });
      } finally {
        await cluster.close();
      }
    } finally {
      await kafka.kill();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withWriter<Result>(
  cluster: StreamCluster,
  work: (writer: StreamWriter) => Promise<Result>,
): Promise<Result> {
  const writer = await cluster.openWriter();
  try {
    return await work(writer);
  } finally {
    await writer.close();
  }
}

const quiet = {
  log: () => undefined,
  debug: () => undefined,
  warn: (message: unknown) => {
    console.error(message);
  },
  error: (message: unknown) => {
    console.error(message);
  },
};
