import { CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import { DomainError } from '#domain';
import { toDomainError, type Subject } from './errors.js';
import { partitionOnce, requestsOf } from './messages.js';
import type { OutgoingRecord, StreamWriter } from './stream.js';
import { Turns } from './turns.js';

/**
 * An idempotent producer: the brokers tell by a number in each request whether they have it already. kafkajs gives that number to another
 * request when one fails. So requests go out one at a time, and after one that failed for good the next has a producer of its own.
 */
export class KafkaWriter implements StreamWriter {
  private readonly turns = new Turns();
  private producer: Producer | undefined;
  private closed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly subject: Subject,
  ) {}

  /** @throws DomainError when it cannot connect */
  async open(): Promise<this> {
    try {
      await this.connect();
      return this;
    } catch (error) {
      throw toDomainError(error, this.subject);
    }
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    if (this.closed) throw new DomainError('internal', 'writer_closed', 'The writer is closed');
    for (const messages of requestsOf(records)) await this.turns.take(() => this.request(topic, messages));
  }

  close(): Promise<void> {
    this.closed = true;
    return this.turns.take(() => this.disconnect());
  }

  private async request(topic: string, messages: Message[]): Promise<void> {
    try {
      const producer = await this.connect();
      await producer.send({ topic, messages, acks: -1, compression: CompressionTypes.GZIP });
    } catch (error) {
      await this.disconnect();
      throw toDomainError(error, { ...this.subject, topic });
    }
  }

  private async connect(): Promise<Producer> {
    if (this.producer) return this.producer;
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: partitionOnce,
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
    this.producer = producer;
    return producer;
  }

  private async disconnect(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.disconnect();
  }
}
