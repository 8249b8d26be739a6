import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { DomainError } from '#domain';
import type { KafkaSettings } from '#platform';
import { createClient, type KafkaLogger } from './client.js';
import { toDomainError, type Subject } from './errors.js';
import { KafkaReader } from './reader.js';
import type {
  StreamCluster,
  StreamReader,
  StreamWriter,
  TopicDescription,
  TopicPartition,
  TopicShape,
  TransactionalWriter,
} from './stream.js';
import { KafkaTransactionalWriter } from './transactional-writer.js';
import { KafkaWriter } from './writer.js';

/** Kafka's default for `max.message.bytes`. */
const MAXIMUM_MESSAGE_BYTES = 1_048_588;

/** Three seconds in all. */
const TRIES_AGAIN = 5;

/** Room for what is said about a dead letter in its headers, in bytes. */
const ROOM_FOR_HEADERS = 64 * 1024;

/**
 * A cluster of Kafka brokers, by kafkajs. Nothing is connected yet.
 * @throws InvalidInputError when a file that the settings name cannot be read
 */
export function createKafkaCluster(settings: KafkaSettings, logger: KafkaLogger): StreamCluster {
  return new KafkaCluster(settings, logger);
}

class KafkaCluster implements StreamCluster {
  private readonly admin: Admin;
  private clusterId: string | undefined;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly logger: KafkaLogger,
  ) {
    this.admin = createClient(settings, logger).admin();
  }

  get id(): string {
    if (this.clusterId === undefined)
      throw new DomainError('internal', 'kafka_not_connected', 'Not connected to Kafka');
    return this.clusterId;
  }

  async connect(): Promise<void> {
    // A wrong address is told at once, not after the tries that other requests have.
    const probe = createClient(this.settings, this.logger, { retries: 1 }).admin();
    try {
      await this.ask({}, async () => {
        await probe.connect();
        this.clusterId = (await probe.describeCluster()).clusterId;
        await this.admin.connect();
      });
    } finally {
      await probe.disconnect();
    }
  }

  describeTopic(name: string): Promise<TopicDescription> {
    return this.ask({ topic: name }, async () => {
      const { topics } = await this.admin.fetchTopicMetadata({ topics: [name] });
      const offsets = await this.admin.fetchTopicOffsets(name);
      return {
        name,
        partitions: offsets
          .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
          .sort((one, other) => one.partition - other.partition),
        replicationFactor: topics[0]?.partitions[0]?.replicas.length ?? 1,
        maximumMessageBytes: await this.maximumMessageBytes(name),
      };
    });
  }

  createTopic(name: string, { partitionCount, replicationFactor, maximumMessageBytes }: TopicShape): Promise<void> {
    return this.ask({ topic: name }, async () => {
      await this.admin.createTopics({
        topics: [
          {
            topic: name,
            numPartitions: partitionCount,
            replicationFactor,
            configEntries: [{ name: 'max.message.bytes', value: String(maximumMessageBytes + ROOM_FOR_HEADERS) }],
          },
        ],
      });
    });
  }

  committedOffset(group: string, { topic, partition }: TopicPartition): Promise<number | null> {
    return this.ask({ topic, group }, async () => {
      const [offsets] = await this.admin.fetchOffsets({ groupId: group, topics: [topic] });
      const offset = Number(offsets?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
      return offset < 0 ? null : offset;
    });
  }

  openReader(group: string): StreamReader {
    return new KafkaReader(createClient(this.settings, this.logger), { settings: this.settings, group }, this.logger);
  }

  openWriter(): Promise<StreamWriter> {
    return new KafkaWriter(createClient(this.settings, this.logger), { settings: this.settings }).open();
  }

  openTransactionalWriter(id: string): Promise<TransactionalWriter> {
    const subject = { settings: this.settings, transactionalId: id };
    return new KafkaTransactionalWriter(createClient(this.settings, this.logger), subject).open();
  }

  close(): Promise<void> {
    return this.admin.disconnect();
  }

  private async maximumMessageBytes(topic: string): Promise<number> {
    try {
      const { resources } = await this.admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] }],
      });
      return Number(resources[0]?.configEntries[0]?.configValue ?? MAXIMUM_MESSAGE_BYTES);
    } catch (error) {
      // It takes a right of its own, which reading and writing do not.
      const { kind, message } = toDomainError(error, { settings: this.settings, topic });
      if (kind !== 'forbidden') throw error;
      this.logger.debug?.(`The largest batch of ${topic} is not known, taking Kafka's default: ${message}`);
      return MAXIMUM_MESSAGE_BYTES;
    }
  }

  private async ask<T>(about: Omit<Subject, 'settings'>, work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const explained = this.explain(error, about);
        // Such as a partition that gets its first leader; kafkajs' admin does not wait for that.
        if (explained.code !== 'kafka_unavailable' || attempt === TRIES_AGAIN) throw explained;
        await pause(100 * 2 ** attempt);
      }
    }
  }

  private explain(error: unknown, about: Omit<Subject, 'settings'>): DomainError {
    // So kafkajs' admin fails when no broker answered: it takes the answer to be there.
    return error instanceof TypeError
      ? new DomainError('unavailable', 'kafka_unavailable', 'No broker answered', {}, { cause: error })
      : toDomainError(error, { ...about, settings: this.settings });
  }
}
