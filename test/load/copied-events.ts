import { appendFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import type { SimulatedEvent } from '#simulator';

/** The events of a benchmark as rows for `COPY`, in a file that is made beforehand: the bare speed of the database. */
export class CopiedEvents {
  /** @param file absolute; Postgres must be able to read it */
  constructor(private readonly file: string) {}

  async add(events: readonly SimulatedEvent[]): Promise<void> {
    await appendFile(this.file, events.map(rowOf).join(''));
  }

  /**
   * Copies the file into an empty table like `events`, on a server that does nothing else.
   * @returns rows a second
   */
  async copy(dataSource: DataSource): Promise<number> {
    console.error('copying ...');
    // In a transaction of its own: Postgres would not log what is copied into a table of the same transaction.
    await dataSource.query('create table copied_events (like events including all)');
    // Else what was ingested would keep the server busy now.
    await dataSource.query('vacuum (analyze)');
    await dataSource.query('checkpoint');
    const start = performance.now();
    await dataSource.query(`copy copied_events from '${this.file.replaceAll("'", "''")}' (encoding 'UTF8')`);
    const seconds = (performance.now() - start) / 1000;
    const [row] = await dataSource.query<{ count: string }[]>('select count(*) from copied_events');
    return Number(row?.count) / seconds;
  }

  /** @throws Error unless `events` holds the same as the copy, `count` rows */
  async requireSame(dataSource: DataSource, count: number): Promise<void> {
    const columns = 'type, visitor_id, user_id, session_id, item_id, occurred_at, details';
    const of = (table: string): string => `(${columns.replace(/\w+/g, `${table}.$&`)})`;
    const [row] = await dataSource.query<Record<'stored' | 'same', string>[]>(
      `select (select count(*) from events) as stored, count(*) as same
       from events stored join copied_events copied using (store, event_id)
       where ${of('stored')} is not distinct from ${of('copied')}`,
    );
    if (Number(row?.stored) === count && Number(row?.same) === count) return;
    throw new Error(`${count} events were sent, ${row?.stored} are stored, ${row?.same} of them as they were sent`);
  }
}

/** In the order of the table's columns, in Postgres' text format. */
function rowOf(event: SimulatedEvent): string {
  const { eventId, type, visitorId, userId, itemId, items, occurredAt, currency, orderId } = event;
  const item = itemId ?? items?.[0]?.itemId;
  const details = items && JSON.stringify({ items, currency, orderId });
  const cells = ['default', eventId, type, visitorId, userId, undefined, item, occurredAt, occurredAt, details];
  return `${cells.map((cell) => cell?.replaceAll('\\', '\\\\') ?? '\\N').join('\t')}\n`;
}
