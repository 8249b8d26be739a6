import type { LoggerService } from '@nestjs/common';
import type { DeadLetters, KeptDeadLetter } from '#events';
import type { OutgoingRecord, StreamCluster, TransactionalWriter } from '#kafka';
import { pauseUnlessAborted, reasonOf } from '#platform';
import type { IngestMetrics } from './ingest-metrics.js';
import type { IngestTopics } from './ingest-topics.js';

const LETTERS_PER_TRANSACTION = 100;
const SWEEP_MS = 5_000;
/** Room for a record's headers and frame beside its value. */
const OVERHEAD_BYTES = 16 * 1024;

/** The names in Kafka, and what the dead-letter topic takes. */
export interface DeadLetterTopics extends IngestTopics {
  /** Of the dead-letter topic. */
  readonly maximumMessageBytes: number;
}

/**
 * Puts the dead letters of this member's partitions into the dead-letter topic, each of them once.
 *
 * A Kafka transaction appends letters and, for a group that nobody joins, how far they go. Kafka lets one writer at a time have a partition's
 * transactional id and finishes or undoes what an earlier one began. So after a crash, whoever opens the writer next reads there
 * which letters the topic has already (https://cwiki.apache.org/confluence/display/KAFKA/KIP-98).
 */
export class DeadLetterPublisher {
  private readonly writers = new Map<number, TransactionalWriter>();
  private assigned: ReadonlySet<number> = new Set();
  private sweep = new AbortController();

  constructor(
    private readonly cluster: StreamCluster,
    private readonly topics: DeadLetterTopics,
    private readonly letters: DeadLetters,
    private readonly metrics: IngestMetrics,
    private readonly logger: Pick<LoggerService, 'warn'>,
  ) {}

  /** From now on the letters of these partitions. */
  assign(partitions: Iterable<number>): void {
    this.assigned = new Set(partitions);
    this.wake();
  }

  /** There may be new letters. */
  wake(): void {
    this.sweep.abort();
  }

  /** Publishes until aborted; what goes wrong is tried again later. */
  async run(signal: AbortSignal): Promise<void> {
    let troubled = false;
    while (!signal.aborted) {
      this.sweep = new AbortController();
      try {
        await this.publishAll(signal);
        troubled = false;
      } catch (error) {
        // What Kafka has of it is unknown: new writers find out.
        await this.closeWriters();
        if (!troubled) {
          this.logger.warn(`Dead letters cannot be published, they wait in the database: ${reasonOf(error)}`);
        }
        troubled = true;
      }
      await pauseUnlessAborted(SWEEP_MS, AbortSignal.any([signal, ...(troubled ? [] : [this.sweep.signal])]));
    }
    await this.closeWriters();
  }

  private async publishAll(signal: AbortSignal): Promise<void> {
    for (const partition of await this.letters.unpublishedPartitions(this.cluster.id, this.topics.events)) {
      while (!signal.aborted && this.assigned.has(partition) && (await this.publishSome(partition)));
    }
    for (const [partition, writer] of this.writers) {
      if (this.assigned.has(partition)) continue;
      this.writers.delete(partition);
      await writer.close();
    }
  }

  /** @returns whether there was something to do */
  private async publishSome(partition: number): Promise<boolean> {
    const at = { cluster: this.cluster.id, topic: this.topics.events, partition };
    const writer = this.writers.get(partition) ?? (await this.openWriter(partition));
    const letters = await this.letters.unpublished(at, LETTERS_PER_TRANSACTION);
    const last = letters.at(-1);
    if (!last) return false;
    const next = last.offset + 1;
    const progress = { group: this.progressGroup, topic: at.topic, partition, next };
    await writer.commit(
      this.topics.deadLetters,
      letters.map((letter) => this.toRecord(letter)),
      progress,
    );
    await this.letters.markPublished(at, next);
    this.metrics.published.inc(letters.length);
    return true;
  }

  private async openWriter(partition: number): Promise<TransactionalWriter> {
    const at = { topic: this.topics.events, partition };
    const writer = await this.cluster.openTransactionalWriter(`${this.progressGroup}.${at.topic}.${partition}`);
    this.writers.set(partition, writer);
    const next = await this.cluster.committedOffset(this.progressGroup, at);
    if (next !== null) await this.letters.markPublished({ cluster: this.cluster.id, ...at }, next);
    return writer;
  }

  private toRecord({ key, value, headers, rejection, topic, partition, offset }: KeptDeadLetter): OutgoingRecord {
    const bytes = (value?.length ?? 0) + (key?.length ?? 0);
    const tooLarge = bytes + OVERHEAD_BYTES > this.topics.maximumMessageBytes;
    return {
      key,
      value: tooLarge ? null : value,
      headers: {
        ...headers,
        'nextpick.code': rejection.code,
        'nextpick.reason': rejection.message,
        'nextpick.topic': topic,
        'nextpick.partition': String(partition),
        'nextpick.offset': String(offset),
        ...(tooLarge && { 'nextpick.value': `left out, it has ${bytes} bytes; it is in the table dead_letters` }),
      },
    };
  }

  private async closeWriters(): Promise<void> {
    const writers = [...this.writers.values()];
    this.writers.clear();
    for (const writer of writers) {
      await writer.close().catch((error: unknown) => {
        this.logger.warn(`A writer of dead letters did not close: ${reasonOf(error)}`);
      });
    }
  }

  /** Nobody joins it: Kafka only keeps its offsets. */
  private get progressGroup(): string {
    return `${this.topics.group}.dead-letters`;
  }
}
