import { EventIntake, type IntakeResult } from '#events';
import { Turnstile } from '#platform';
import type { Collector } from './collector.js';

/** Stores events in the database, so many requests at a time: the other connections are for whoever reads. */
export class PacedCollector implements Collector {
  private readonly turnstile: Turnstile;

  constructor(
    private readonly intake: EventIntake,
    writers: number,
  ) {
    this.turnstile = new Turnstile(writers);
  }

  accept(store: string, events: readonly unknown[]): Promise<IntakeResult> {
    return this.turnstile.pass(() => this.intake.accept(store, events));
  }
}
