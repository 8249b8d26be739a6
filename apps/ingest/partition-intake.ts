import type { LoggerService } from '@nestjs/common';
import type { StreamOffsets, StreamPartition } from '#events';
import type { BatchControl, RecordBatch } from '#kafka';
import { pauseUnlessAborted, reasonOf } from '#platform';
import type { IngestMetrics } from './ingest-metrics.js';
import { backOff, withHeartbeats } from './patience.js';
import type { Readiness } from './readiness.js';
import type { RecordSpan, RecordStore } from './record-store.js';

/** Records in a transaction. More make each cheaper; fewer hold the visitors' sessions for a shorter time. */
const RECORDS_PER_TRANSACTION = 5_000;

/** What it takes to store the records of partitions. */
export interface PartitionIntakePorts {
  readonly records: RecordStore;
  readonly offsets: StreamOffsets;
  readonly metrics: IngestMetrics;
  readonly readiness: Readiness;
  readonly logger: Pick<LoggerService, 'log' | 'warn' | 'error'>;
}

/** Stores batches; while the database is away it waits, and the batch with it. */
export class PartitionIntake {
  constructor(
    private readonly ports: PartitionIntakePorts,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Stores a batch, as far as the partition stays this member's.
   * @returns how many dead letters there were; `misplaced` when the stored offset is not where the batch began or went on: another
   * member stored on, or Kafka's own offset was not ours
   */
  async store(
    at: StreamPartition,
    batch: RecordBatch,
    control: BatchControl,
  ): Promise<{ readonly misplaced: boolean; readonly deadLettered: number }> {
    const { metrics, records } = this.ports;
    let deadLettered = 0;
    for (const span of spansOf(batch)) {
      if (!this.goesOn(control)) break;
      const stop = metrics.batchSeconds.startTimer();
      const result = await this.patiently(() => records.store(at, span), control);
      if (!result) return { misplaced: this.goesOn(control), deadLettered };
      stop();
      deadLettered += result.deadLettered;
      control.done(span.to);
      metrics.consumed.inc(span.records.length);
      metrics.records.inc({ outcome: 'written' }, result.written);
      metrics.records.inc({ outcome: 'duplicate' }, result.duplicates);
      metrics.records.inc({ outcome: 'dead_lettered' }, result.deadLettered);
      metrics.records.inc({ outcome: 'withheld' }, result.withheld);
      metrics.batchRecords.observe(span.records.length);
      metrics.commitSeconds.observe(result.commitSeconds);
      metrics.lag.set({ partition: at.partition }, Math.max(0, batch.end - span.to));
    }
    return { misplaced: false, deadLettered };
  }

  /** Does it again, with growing pauses, until it works; undefined once the partition is no longer this member's. */
  async patiently<T>(
    work: () => Promise<T>,
    control: Pick<BatchControl, 'heartbeat' | 'active'>,
  ): Promise<T | undefined> {
    const { logger, metrics, readiness } = this.ports;
    let failures = 0;
    try {
      while (this.goesOn(control)) {
        const result = await withHeartbeats(attempt(work), control);
        if ('value' in result) {
          if (failures > 0) logger.log('Events can be stored again: going on.');
          return result.value;
        }
        const reason = reasonOf(result.error);
        if (failures === 0) logger.warn(`Paused, nothing is lost: events cannot be stored: ${reason}`);
        metrics.paused.set(1);
        readiness.set('database', `events cannot be stored: ${reason}`);
        await withHeartbeats(pauseUnlessAborted(backOff(failures), this.signal), control);
        failures += 1;
      }
      return undefined;
    } finally {
      if (failures > 0) {
        metrics.paused.set(0);
        readiness.set('database', undefined);
      }
    }
  }

  private goesOn(control: Pick<BatchControl, 'active'>): boolean {
    return !this.signal.aborted && control.active();
  }
}

/** A heartbeat's error must pass through, so that of the work itself is a value. */
async function attempt<T>(work: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function* spansOf({ records, position, next }: RecordBatch): Generator<RecordSpan> {
  let from = position;
  for (let start = 0; start < records.length; start += RECORDS_PER_TRANSACTION) {
    const following = records[start + RECORDS_PER_TRANSACTION];
    const to = following?.offset ?? next;
    yield { from, to, records: records.slice(start, start + RECORDS_PER_TRANSACTION) };
    from = to;
  }
}
