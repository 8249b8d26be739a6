import kafkajs, { type Batch, type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import { pauseUnlessAborted } from '#platform';
import type { KafkaLogger } from './client.js';
import { toDomainError, type Subject } from './errors.js';
import { toStreamRecord } from './messages.js';
import { OffsetCommits } from './offset-commits.js';
import { Positions } from './positions.js';
import type { ReaderHandlers, RecordBatch, StreamReader, TopicPartition } from './stream.js';

const PARTITIONS_AT_ONCE = 2;
const BYTES_PER_PARTITION = 128 * 1024;
const BYTES_PER_FETCH = 512 * 1024;
const LONGEST_FETCH_MS = 500;
const HEARTBEAT_MS = 3_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 5_000;
/** Sixteen seconds in all. */
const JOIN_TRIES_AGAIN = 6;

/**
 * A member of a consumer group by kafkajs. It does not let kafkajs start again after a crash: stopping it then would leave a member behind
 * that nobody can stop, if it happens to be joining.
 */
export class KafkaReader implements StreamReader {
  private readonly consumer: Consumer;
  private readonly positions = new Positions();
  private readonly commits: OffsetCommits;
  private readonly stopping = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  /** How often in a row the handler failed, by partition. */
  private readonly failures = new Map<number, number>();
  private starting: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | undefined;
  /** Counts assignments; 0 while there is none. */
  private assignment = 0;
  private joined = false;
  private started = false;
  /** Of the start. */
  private failure: Error | undefined;

  constructor(
    kafka: Kafka,
    private readonly subject: Subject & { readonly group: string },
    private readonly logger: KafkaLogger,
  ) {
    const { sessionTimeout } = subject.settings;
    this.consumer = kafka.consumer({
      groupId: subject.group,
      sessionTimeout,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, sessionTimeout),
      heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(sessionTimeout / 3)),
      minBytes: 1,
      maxBytes: BYTES_PER_FETCH,
      maxBytesPerPartition: BYTES_PER_PARTITION,
      maxWaitTimeInMs: LONGEST_FETCH_MS,
      allowAutoTopicCreation: false,
      readUncommitted: false,
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.commits = new OffsetCommits(this.consumer, logger);
  }

  run(topic: string, handlers: ReaderHandlers): Promise<void> {
    this.starting = this.start(topic, handlers);
    return this.starting;
  }

  seek({ topic, partition }: TopicPartition, offset: number): void {
    // Between a crash and the call of onCrash there is nothing to seek in.
    if (!this.joined) return;
    this.consumer.seek({ topic, partition, offset: String(offset) });
    this.positions.seek(partition, offset);
  }

  stop(): Promise<void> {
    this.stopped ??= this.leave();
    return this.stopped;
  }

  private async start(topic: string, handlers: ReaderHandlers): Promise<void> {
    const subject = { ...this.subject, topic };
    this.listen(topic, handlers);
    try {
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [topic], fromBeginning: true });
      for (let attempt = 0; !this.stopping.signal.aborted; attempt += 1) {
        const failure = await this.join(handlers);
        if (!failure) break;
        const error = toDomainError(failure, subject);
        // The group's coordinator is starting; kafkajs waits for that only once it has joined.
        if (error.code !== 'kafka_unavailable' || attempt === JOIN_TRIES_AGAIN) throw error;
        await this.pause(FIRST_BACK_OFF_MS * 2 ** attempt);
      }
      this.started = true;
    } catch (error) {
      await this.consumer.disconnect();
      throw toDomainError(error, subject);
    }
  }

  /** @returns why it failed: kafkajs tells of that as of a later failure */
  private async join(handlers: ReaderHandlers): Promise<Error | undefined> {
    await this.consumer.run({
      // kafkajs would commit after each batch, and ask the group's coordinator at each seek.
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.track(this.handle(payload, handlers)),
    });
    const { failure } = this;
    this.failure = undefined;
    return failure;
  }

  private listen(topic: string, handlers: ReaderHandlers): void {
    const { consumer, positions } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.assignment += 1;
      this.joined = true;
      positions.clear();
      this.commits.begin(topic);
      this.failures.clear();
      handlers.onAssigned((payload.memberAssignment[topic] ?? []).map((partition) => ({ topic, partition })));
    });
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      // What was left of it after compaction may be all before the offset that was asked for.
      const first = (payload.firstOffset as string | null) ?? payload.lastOffset;
      positions.passOver(payload.partition, Number(first), Number(payload.lastOffset));
    });
    consumer.on(consumer.events.STOP, () => {
      this.joined = false;
      this.commits.end();
    });
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
      if (this.started) handlers.onCrash(toDomainError(error, { ...this.subject, topic }));
      else this.failure = error;
    });
  }

  private async track(work: Promise<void>): Promise<void> {
    this.underWay.add(work);
    try {
      await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  private async handle(payload: EachBatchPayload, handlers: ReaderHandlers): Promise<void> {
    const { partition } = payload.batch;
    const { assignment, stopping } = this;
    const owned = (): boolean => assignment === this.assignment && !payload.isStale();
    const active = (): boolean => owned() && payload.isRunning() && !stopping.signal.aborted;
    if (!active()) return;
    const batch = this.toRecordBatch(payload.batch);
    try {
      await handlers.onBatch(batch, {
        heartbeat: () => payload.heartbeat(),
        active,
        done: (next) => {
          if (!owned()) return;
          // After the last record there may be markers, which are not for readers.
          const fetchNext = next > (batch.records.at(-1)?.offset ?? next) ? batch.next : next;
          payload.resolveOffset(String(fetchNext - 1));
          this.positions.done(partition, next, fetchNext);
          this.commits.done(partition, fetchNext);
        },
      });
      this.failures.delete(partition);
    } catch (error) {
      // Of the group's or the connection's state: kafkajs knows what to do.
      if (error instanceof kafkajs.KafkaJSError) throw error;
      await this.backOff(batch, error);
    }
  }

  private toRecordBatch(batch: Batch): RecordBatch {
    const { topic, partition } = batch;
    // It is there, but not in kafkajs' types.
    const { fetchedOffset } = batch as Batch & { readonly fetchedOffset: string };
    const position = this.positions.begin(partition, Number(fetchedOffset));
    const expected = this.positions.expected(partition) ?? position;
    if (position !== expected) {
      this.logger.warn(
        `Partition ${partition} of ${topic} has no offset ${expected}: ${
          position > expected ? 'its retention removed records, or the topic was made anew' : 'the topic was made anew'
        }. Reading from offset ${position}.`,
      );
    }
    return {
      topic,
      partition,
      position,
      next: Number(batch.lastOffset()) + 1,
      end: Number(batch.highWatermark),
      records: batch.messages.map(toStreamRecord),
    };
  }

  private async backOff({ topic, partition, position }: RecordBatch, error: unknown): Promise<void> {
    const failures = this.failures.get(partition) ?? 0;
    this.failures.set(partition, failures + 1);
    const milliseconds = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** failures);
    this.logger.warn(
      `The records of ${topic}, partition ${partition}, from offset ${position} were not dealt with: ` +
        `${(error as Error).message}. Again in ${milliseconds / 1000} s.`,
    );
    await this.pause(milliseconds);
  }

  /** Ends early when this is stopped. */
  private async pause(milliseconds: number): Promise<void> {
    await pauseUnlessAborted(milliseconds, this.stopping.signal);
  }

  private async leave(): Promise<void> {
    this.stopping.abort();
    // While kafkajs joins a group it cannot be stopped.
    await Promise.allSettled([this.starting]);
    await Promise.allSettled(this.underWay);
    await this.commits.finish();
    await this.consumer.disconnect();
  }
}
