import { Inject, Injectable, Logger } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { reasonOf } from '#platform';
import { trainingFigures, type TrainingFigures } from '#runs';

/** Milliseconds: the gauges of one reading ask the database once. */
const FRESH_MS = 1_000;

/** How training stands with each store, read from the runs' records whenever Prometheus asks. */
@Injectable()
export class TrainingGauges {
  private readonly logger = new Logger(TrainingGauges.name);
  private figures: Promise<readonly TrainingFigures[]> = Promise.resolve([]);
  private readAt = -Infinity;

  constructor(
    @Inject(Registry) private readonly registry: Registry,
    private readonly dataSource: DataSource,
  ) {
    this.gauge('nextpick_training_last_success_timestamp_seconds', {
      help: 'When the newest training run ended that promoted a model or kept the old one.',
      value: ({ lastSuccess }) => lastSuccess,
    });
    this.gauge('nextpick_training_last_run_failed', {
      help: '1 when the newest training run that ended has failed.',
      value: ({ lastFailed }) => Number(lastFailed),
    });
    this.gauge('nextpick_model_age_seconds', {
      help: 'Since the model in service was made.',
      value: ({ modelAge }) => modelAge,
    });
    this.gauge('nextpick_training_gate_margin_precision_points', {
      help: 'P@20 of the newest challenger minus that of the champion.',
      value: ({ p20Margin }) => p20Margin,
    });
    this.gauge('nextpick_training_gate_margin_reciprocal_rank_points', {
      help: 'MRR@20 of the newest challenger minus that of the champion.',
      value: ({ mrr20Margin }) => mrr20Margin,
    });
  }

  private gauge(
    name: string,
    { help, value }: { readonly help: string; readonly value: (figures: TrainingFigures) => number | null },
  ): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['store'],
      registers: [this.registry],
      // All processes say the same.
      aggregator: 'max',
      collect: async () => {
        for (const figures of await this.read()) {
          const number = value(figures);
          if (number !== null) gauge.set({ store: figures.store }, number);
        }
      },
    });
  }

  /** What the process says of itself must be told even when the database is gone. */
  private read(): Promise<readonly TrainingFigures[]> {
    const now = performance.now();
    if (now - this.readAt < FRESH_MS) return this.figures;
    this.readAt = now;
    this.figures = trainingFigures(this.dataSource).catch((error: unknown) => {
      this.logger.warn(`The figures of training could not be read: ${reasonOf(error)}`);
      return [];
    });
    return this.figures;
  }
}
