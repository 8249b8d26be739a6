import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What the ingest role measures about itself, for Prometheus. */
@Injectable()
export class IngestMetrics {
  readonly consumed: Counter;
  /** Labelled `written`, `duplicate`, `dead_lettered` or `withheld` (no consent, the visitor was erased since, or too old: nothing is kept). */
  readonly records: Counter<'outcome'>;
  readonly lag: Gauge<'partition'>;
  readonly batchRecords: Histogram;
  readonly batchSeconds: Histogram;
  readonly commitSeconds: Histogram;
  readonly paused: Gauge;
  readonly published: Counter;

  constructor(@Inject(Registry) registry: Registry) {
    const registers = [registry];
    this.consumed = new Counter({
      name: 'nextpick_ingest_consumed_total',
      help: 'Records that were read from Kafka and are dealt with.',
      registers,
    });
    this.records = new Counter({
      name: 'nextpick_ingest_records_total',
      help: 'Records, by what became of them: written, duplicate, dead_lettered or withheld.',
      labelNames: ['outcome'],
      registers,
    });
    this.lag = new Gauge({
      name: 'nextpick_ingest_lag',
      help: 'Records of a partition that are not stored yet.',
      labelNames: ['partition'],
      registers,
    });
    this.batchRecords = new Histogram({
      name: 'nextpick_ingest_batch_records',
      help: 'Records in one transaction.',
      buckets: [1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000],
      registers,
    });
    this.batchSeconds = new Histogram({
      name: 'nextpick_ingest_batch_seconds',
      help: 'From the beginning of a transaction to its end, checking the events included.',
      buckets: SECONDS,
      registers,
    });
    this.commitSeconds = new Histogram({
      name: 'nextpick_ingest_commit_seconds',
      help: 'What of it the database took to make it durable.',
      buckets: SECONDS,
      registers,
    });
    this.paused = new Gauge({
      name: 'nextpick_ingest_paused',
      help: '1 while the database is away and nothing is read.',
      registers,
    });
    this.published = new Counter({
      name: 'nextpick_ingest_dead_letters_published_total',
      help: 'Records that were put into the dead-letter topic.',
      registers,
    });
  }
}
