import type { DataSource } from 'typeorm';
import { CatalogStore } from '#catalog';
import type { EvaluationReport } from '#evaluation';
import { EventIntake } from '#events';
import { ModelRegistry } from '#registry';
import { SessionStore } from '#sessions';
import { trainRingModel, type RingModel } from './tiny-model.js';

/** What a ring model learnt from begins here, and is over a day later; in milliseconds since the epoch. */
const LEARNT_FROM = Date.UTC(2026, 0, 1);
/** When it is over. */
export const LEARNT_UNTIL = Date.UTC(2026, 0, 2);

/** One visit: its items a second apart, the first one `minute` minutes after `LEARNT_UNTIL`. */
export interface Visit {
  readonly minute: number;
  readonly itemIds: readonly string[];
}

/** A shop whose visitors go round a ring of items, and a model of it in service. */
export class RingShop {
  private constructor(
    private readonly dataSource: DataSource,
    readonly model: RingModel,
    readonly sessions: SessionStore,
    readonly catalog: CatalogStore,
    readonly registry: ModelRegistry,
  ) {}

  /** Trains the model, which takes a second or two. */
  static async open(dataSource: DataSource, items = 40): Promise<RingShop> {
    return new RingShop(
      dataSource,
      await trainRingModel(items),
      new SessionStore(dataSource, 30 * 60_000),
      new CatalogStore(dataSource),
      new ModelRegistry(dataSource),
    );
  }

  /** Gives a store the visits that the model learnt from, and puts the model in service. */
  async fill(store: string, report?: EvaluationReport): Promise<string> {
    await this.visit(
      store,
      Array.from({ length: 200 }, (_, visit) => ({
        minute: (LEARNT_FROM - LEARNT_UNTIL) / 60_000 + visit,
        itemIds: this.walk(visit, 5),
      })),
    );
    const stored = report && { report, page: `<!doctype html><title>${report.subject}</title>` };
    return this.registry.saveAndPromote(store, this.model.draft, this.model.files, 'test', stored);
  }

  async visit(store: string, visits: readonly Visit[]): Promise<void> {
    const events = visits.flatMap(({ minute, itemIds }) =>
      itemIds.map((itemId, step) => ({
        eventId: `${minute}-${step}`,
        type: 'view',
        visitorId: `visitor-${minute}`,
        itemId,
        occurredAt: new Date(LEARNT_UNTIL + minute * 60_000 + step * 1_000).toISOString(),
      })),
    );
    await new EventIntake(this.dataSource, this.sessions).accept(store, events);
  }

  /** So many items from one of the ring's on. */
  walk(first: number, length: number): string[] {
    const { itemIds } = this.model;
    return Array.from({ length }, (_, step) => itemIds[(first + step) % itemIds.length] ?? '');
  }

  /** Visits after those that the model learnt from, most of them round the ring, with jumps that nobody can foresee. */
  newVisits(count: number): Visit[] {
    return Array.from({ length: count }, (_, visit) => ({
      minute: visit + 1,
      itemIds: [...this.walk(visit * 3, 3), ...this.walk(visit * 7 + 11, 2)],
    }));
  }
}

/** The visits as the table of an event file. */
export function visitsTable(visits: readonly Visit[]): string {
  const rows = visits.flatMap(({ minute, itemIds }) =>
    itemIds.map((itemId, step) =>
      [`s${minute}`, itemId, LEARNT_UNTIL + minute * 60_000 + step * 1_000, 'view'].join('\t'),
    ),
  );
  return ['session_id\titem_id\ttimestamp\tevent_type', ...rows, ''].join('\n');
}
