import type { DataSource } from 'typeorm';
import { InvalidInputError } from '#domain';
import { monthOf } from '#events';

/** How many days a store keeps what; null for ever. */
export interface Retention {
  /** What visitors did, as it was received. A month is dropped as a whole, when its last day is older than this. */
  readonly events: number | null;
  /** Sessions, by their end: what training learns from, and what an open session and the latest visits are read from. */
  readonly sessions: number | null;
  /** How many answers a day had, and what they led to. */
  readonly metrics: number | null;
}

const DAY_MS = 86_400_000;
/** A cart is made of the events of 30 days, and what an answer led to is known after 7. */
const LEAST: Readonly<Record<keyof Retention, number>> = { events: 30, sessions: 1, metrics: 1 };
/** A century. */
const MOST = 36_500;

/**
 * When the events begin that a store keeps: with a month of UTC.
 * @param now milliseconds since the epoch, as what it returns
 */
export const eventsFrom = (days: number, now: number): number => monthOf(now - days * DAY_MS);

/** How long stores keep what. */
export class RetentionSettings {
  constructor(private readonly dataSource: DataSource) {}

  /** What the store set; everything is kept unless it did. */
  async of(store: string): Promise<Retention> {
    const [row] = await this.dataSource.query<Retention[]>(
      'select events_days as events, sessions_days as sessions, metrics_days as metrics from retention where store = $1',
      [store],
    );
    return row ?? { events: null, sessions: null, metrics: null };
  }

  /** Every store that set something, by name. */
  async all(): Promise<(Retention & { readonly store: string })[]> {
    return this.dataSource.query(
      `select store, events_days as events, sessions_days as sessions, metrics_days as metrics from retention order by store`,
    );
  }

  /**
   * Changes what is given. Keeping events for longer lets older ones in again, those too that were dropped before.
   * @param now milliseconds since the epoch
   * @throws InvalidInputError `retention_invalid` that names the field
   */
  async set(store: string, changes: Partial<Retention>, now: number): Promise<Retention> {
    for (const field of Object.keys(LEAST) as (keyof Retention)[]) check(field, changes[field]);
    const retention = { ...(await this.of(store)), ...changes };
    const from = retention.events === null ? null : new Date(eventsFrom(retention.events, now));
    await this.dataSource.query(
      `insert into retention (store, events_days, sessions_days, metrics_days) values ($1, $2, $3, $4)
       on conflict (store) do update set events_days = excluded.events_days, sessions_days = excluded.sessions_days,
         metrics_days = excluded.metrics_days,
         events_from = case when $5::timestamptz < retention.events_from then $5
           when $5 is not null then retention.events_from end`,
      [store, retention.events, retention.sessions, retention.metrics, from],
    );
    return retention;
  }
}

function check(field: keyof Retention, days: number | null | undefined): void {
  const least = LEAST[field];
  if (days === null || days === undefined) return;
  if (Number.isInteger(days) && days >= least && days <= MOST) return;
  throw new InvalidInputError(
    'retention_invalid',
    `${field} must be kept for ${least} to ${MOST} whole days, or for ever, not for ${days} days.`,
    { field },
  );
}
