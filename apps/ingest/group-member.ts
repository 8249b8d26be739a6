import { once } from 'node:events';
import type { StreamPartition } from '#events';
import type { BatchControl, RecordBatch, StreamCluster, StreamReader, TopicPartition } from '#kafka';
import type { DeadLetterPublisher } from './dead-letter-publisher.js';
import type { IngestTopics } from './ingest-topics.js';
import { PartitionIntake, type PartitionIntakePorts } from './partition-intake.js';
import { withHeartbeats } from './patience.js';

/** A member of the consumer group: takes the partitions that it is given and reads each from where the database is. */
export class GroupMember {
  private readonly reader: StreamReader;
  private readonly intake: PartitionIntake;
  private readonly crashed = new AbortController();
  /** Of the newest assignment; resolves when every partition was sought. */
  private positioned: Promise<void> = Promise.resolve();
  private assignment = 0;

  constructor(
    private readonly cluster: StreamCluster,
    private readonly topics: IngestTopics,
    private readonly ports: PartitionIntakePorts,
    private readonly publisher: DeadLetterPublisher,
    private readonly stopping: AbortSignal,
  ) {
    this.reader = cluster.openReader(topics.group);
    this.intake = new PartitionIntake(ports, AbortSignal.any([stopping, this.crashed.signal]));
  }

  /**
   * Reads until stopped.
   * @param onJoined after each assignment
   * @throws what the reader could not get over
   */
  async consume(onJoined: () => void): Promise<void> {
    const ended = AbortSignal.any([this.stopping, this.crashed.signal]);
    try {
      await this.reader.run(this.topics.events, {
        onAssigned: (partitions) => {
          onJoined();
          this.assign(partitions);
        },
        onBatch: (batch, control) => this.store(batch, control),
        onCrash: (error) => {
          this.crashed.abort(error);
        },
      });
      if (!ended.aborted) await once(ended, 'abort');
    } finally {
      await this.reader.stop();
      await this.positioned;
    }
    if (this.crashed.signal.aborted) throw this.crashed.signal.reason;
  }

  private assign(partitions: readonly TopicPartition[]): void {
    const { logger, metrics, readiness } = this.ports;
    readiness.set('broker', undefined);
    metrics.lag.reset();
    const numbers = partitions.map(({ partition }) => partition);
    if (numbers.length === 0) {
      logger.warn(
        `No partition of ${this.topics.events} is left for this process: the group ${this.topics.group} has more members than the ` +
          'topic has partitions. It stands by. Add partitions to the topic, or stop a process.',
      );
    } else logger.log(`Reading ${this.topics.events}, partitions ${numbers.sort((a, b) => a - b).join(', ')}`);
    this.assignment += 1;
    this.positioned = this.position(numbers, this.assignment);
    this.publisher.assign(numbers);
  }

  private async position(partitions: readonly number[], assignment: number): Promise<void> {
    const control = { heartbeat: () => Promise.resolve(), active: () => this.assignment === assignment };
    await this.intake.patiently(async () => {
      const topic = await this.cluster.describeTopic(this.topics.events);
      for (const { partition, low, high } of topic.partitions) {
        if (!partitions.includes(partition)) continue;
        const offset = await this.storedOffset(this.at(partition), low, high);
        if (!control.active()) return;
        this.reader.seek({ topic: topic.name, partition }, offset);
        this.ports.metrics.lag.set({ partition }, high - offset);
      }
    }, control);
  }

  /** A stored offset that the topic does not have (any more) gives way to the topic's first, loudly. */
  private async storedOffset(at: StreamPartition, low: number, high: number): Promise<number> {
    const { offsets, logger } = this.ports;
    const stored = await offsets.begin(at, low);
    if (stored >= low && stored <= high) return stored;
    const where = `Partition ${at.partition} of ${at.topic} goes from offset ${low} to ${high}, but is stored up to ${stored}`;
    logger.error(
      stored < low
        ? `${where}: the topic's retention removed ${low - stored} records before they were read. Going on at ${low}.`
        : `${where}: the topic was made anew. Reading it from its beginning; known events change nothing.`,
    );
    await offsets.advance(at, { from: stored, to: low });
    return low;
  }

  private async store(batch: RecordBatch, control: BatchControl): Promise<void> {
    await withHeartbeats(this.positioned, control);
    if (!control.active()) return;
    const { misplaced, deadLettered } = await this.intake.store(this.at(batch.partition), batch, control);
    if (deadLettered > 0) this.publisher.wake();
    if (misplaced) await withHeartbeats(this.position([batch.partition], this.assignment), control);
  }

  private at(partition: number): StreamPartition {
    return { cluster: this.cluster.id, topic: this.topics.events, partition };
  }
}
