import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import {
  createKafkaCluster,
  type BatchControl,
  type OutgoingRecord,
  type RecordBatch,
  type StreamCluster,
  type StreamReader,
  type StreamRecord,
  type TopicPartition,
} from '#kafka';
import { kafkaSettings, loadConfiguration } from '#platform';
import { kafkaBrokers } from './kafka.js';

/** A cluster, not connected, by the settings in environment variables; by default the test run's own broker. */
export async function streamCluster(environment: NodeJS.ProcessEnv = {}): Promise<StreamCluster & { log: string[] }> {
  const settings = kafkaSettings(loadConfiguration({ KAFKA_BROKERS: await kafkaBrokers(), ...environment }));
  if (!settings) throw new Error('KAFKA_BROKERS is empty');
  const log: string[] = [];
  const note = (message: unknown): void => {
    log.push(String(message));
  };
  const cluster = createKafkaCluster(settings, { log: note, warn: note, error: note, debug: () => undefined });
  return Object.assign(cluster, { log });
}

/** Makes a topic with a new name. */
export async function createTopic(cluster: StreamCluster, partitions = 1): Promise<string> {
  const topic = `test-${randomUUID()}`;
  await cluster.createTopic(topic, {
    partitionCount: partitions,
    replicationFactor: 1,
    maximumMessageBytes: 1024 * 1024,
  });
  return topic;
}

export async function sendAll(
  cluster: StreamCluster,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<void> {
  const writer = await cluster.openWriter();
  try {
    await writer.send(topic, records);
  } finally {
    await writer.close();
  }
}

/** Records with the values from `first` to before `end`. */
export function numbered(first: number, end: number, partition = 0): OutgoingRecord[] {
  return Array.from({ length: end - first }, (_, index) => ({ key: null, value: String(first + index), partition }));
}

/** A reader that takes note of what it is given. */
export class NotingReader {
  readonly records: (StreamRecord & { readonly partition: number })[] = [];
  readonly batches: RecordBatch[] = [];
  readonly crashes: Error[] = [];
  assigned: number[] | undefined;
  private readonly reader: StreamReader;

  constructor(
    cluster: StreamCluster,
    private readonly topic: string,
    group: string,
    private readonly handlers: {
      readonly onAssigned?: (reader: StreamReader) => void;
      /** True when it did what there is to do; else the batch is noted and done. */
      readonly onBatch?: (batch: RecordBatch, control: BatchControl, reader: StreamReader) => Promise<boolean>;
    } = {},
  ) {
    this.reader = cluster.openReader(group);
  }

  async run(): Promise<this> {
    await this.reader.run(this.topic, {
      onAssigned: (partitions: readonly TopicPartition[]) => {
        this.assigned = partitions.map(({ partition }) => partition).sort();
        this.handlers.onAssigned?.(this.reader);
      },
      onBatch: async (batch, control) => {
        if (await this.handlers.onBatch?.(batch, control, this.reader)) return;
        this.batches.push(batch);
        this.records.push(...batch.records.map((record) => ({ ...record, partition: batch.partition })));
        control.done(batch.next);
      },
      onCrash: (error) => this.crashes.push(error),
    });
    return this;
  }

  get values(): (string | undefined)[] {
    return this.records.map(({ value }) => value?.toString());
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }
}

/** Waits, a minute at most, until what is asserted is so. */
export async function eventually(assertion: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(assertion, { timeout: 60_000, interval: 50 });
}
