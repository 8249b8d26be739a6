import { setTimeout as pause } from 'node:timers/promises';
import { CompressionTypes, type Kafka, type Producer, type Transaction } from 'kafkajs';
import { DomainError } from '#domain';
import { toDomainError, type Subject } from './errors.js';
import { partitionOnce, requestsOf } from './messages.js';
import type { OutgoingRecord, TransactionalWriter } from './stream.js';
import { Turns } from './turns.js';

type Progress = Parameters<TransactionalWriter['commit']>[2];

/**
 * Kafka is done with a transaction some milliseconds after it said so, and until then refuses the next. Five seconds in all.
 * In milliseconds.
 */
const UNTIL_THE_LAST_IS_OVER = { initialRetryTime: 20, retries: 8, maxRetryTime: 5000 };

/** A producer with a transactional id: https://cwiki.apache.org/confluence/display/KAFKA/KIP-98 */
export class KafkaTransactionalWriter implements TransactionalWriter {
  private readonly turns = new Turns();
  private readonly producer: Producer;
  private failure: DomainError | undefined;

  constructor(
    kafka: Kafka,
    private readonly subject: Subject & { readonly transactionalId: string },
  ) {
    this.producer = kafka.producer({
      transactionalId: subject.transactionalId,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: partitionOnce,
      retry: UNTIL_THE_LAST_IS_OVER,
    });
  }

  /** @throws DomainError when it cannot connect */
  async open(): Promise<this> {
    try {
      await this.producer.connect();
      // kafkajs claims the id with the first transaction; an empty one asks nothing more of the brokers.
      await (await this.producer.transaction()).abort();
      return this;
    } catch (error) {
      await this.producer.disconnect();
      throw toDomainError(error, this.subject);
    }
  }

  commit(topic: string, records: readonly OutgoingRecord[], progress: Progress): Promise<void> {
    return this.turns.take(async () => {
      if (this.failure) throw this.failure;
      try {
        await this.transact(topic, records, progress);
      } catch (error) {
        this.failure = toDomainError(error, { ...this.subject, topic, group: progress.group });
        throw this.failure;
      }
    });
  }

  close(): Promise<void> {
    return this.turns.take(async () => {
      this.failure ??= new DomainError('internal', 'writer_closed', 'The writer is closed');
      await this.producer.disconnect();
    });
  }

  private async transact(topic: string, records: readonly OutgoingRecord[], progress: Progress): Promise<void> {
    const transaction = await this.producer.transaction();
    try {
      for (const messages of requestsOf(records)) {
        await transaction.send({ topic, messages, acks: -1, compression: CompressionTypes.GZIP });
      }
      await sendProgress(transaction, progress);
      await transaction.commit();
    } catch (error) {
      await abandon(transaction);
      throw error;
    }
  }
}

/** What kafkajs does when it sends records, to try again while the transaction before is not over, it does not do for offsets. */
async function sendProgress(transaction: Transaction, { group, topic, partition, next }: Progress): Promise<void> {
  const { initialRetryTime, retries } = UNTIL_THE_LAST_IS_OVER;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
      });
      return;
    } catch (error) {
      if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS' || attempt === retries) throw error;
      await pause(initialRetryTime * 2 ** attempt);
    }
  }
}

/** Readers of the topic wait for the end of a transaction, so it is ended now if that can be. */
async function abandon(transaction: Transaction): Promise<void> {
  if (!transaction.isActive()) return;
  // The first error is the one to tell; Kafka ends the transaction by itself after a minute.
  await transaction.abort().catch(() => undefined);
}
