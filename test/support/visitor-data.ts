import type { ShopEvent } from '#domain';
import { DeadLetters, EventIntake } from '#events';
import { SessionStore } from '#sessions';
import { VisitorPrivacy, VisitorReceipts } from '#visitors';
import { createTestDatabase, type TestDatabase } from './database.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

/** A view of the item with the event's own id, so many minutes after the beginning of 2026. */
export const viewAt = (
  visitorId: string,
  minute: number,
  eventId: string,
  more: Partial<ShopEvent> = {},
): ShopEvent => ({
  store: 'shop',
  eventId,
  type: 'view',
  visitorId,
  items: [{ itemId: eventId }],
  occurredAt: START + minute * MINUTE,
  ...more,
});

/** What visitors' data goes through, on a database of its own. */
export interface VisitorData {
  readonly database: TestDatabase;
  readonly sessions: SessionStore;
  readonly intake: EventIntake;
  readonly deadLetters: DeadLetters;
  readonly receipts: VisitorReceipts;
  readonly privacy: VisitorPrivacy;
  write(...events: readonly ShopEvent[]): Promise<unknown>;
  /** `visitor event` of each event, in order. */
  events(store?: string): Promise<string[]>;
  /** `visitor [name] items` of each session, in order. */
  sessionTexts(store?: string): Promise<string[]>;
}

export async function createVisitorData(): Promise<VisitorData> {
  const database = await createTestDatabase();
  const { dataSource } = database;
  const sessions = new SessionStore(dataSource, 30 * MINUTE);
  const intake = new EventIntake(dataSource, sessions);
  const deadLetters = new DeadLetters(dataSource);
  const receipts = new VisitorReceipts(dataSource);
  const texts = async (sql: string, store: string): Promise<string[]> =>
    (await dataSource.query<{ text: string }[]>(sql, [store])).map(({ text }) => text);
  return {
    database,
    sessions,
    intake,
    deadLetters,
    receipts,
    privacy: new VisitorPrivacy(dataSource, sessions, deadLetters, receipts),
    write: (...events) => intake.write(events),
    events: (store = 'shop') =>
      texts(`select concat_ws(' ', visitor_id, event_id) as text from events where store = $1 order by text`, store),
    sessionTexts: (store = 'shop') =>
      texts(
        `select concat_ws(' ', visitor_id, session_id, array_to_string(item_ids, ',')) as text
         from sessions where store = $1 order by started_at, text`,
        store,
      ),
  };
}
