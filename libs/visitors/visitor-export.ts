import { isUtf8 } from 'node:buffer';
import type { DataSource } from 'typeorm';
import type { DeadLetters, KeptDeadLetter } from '#events';
import { streamRows } from '#platform';
import type { VisitorReceipts } from './visitor-receipts.js';

/** Whose data. */
export interface ExportedVisitor {
  readonly store: string;
  readonly visitorId: string;
  /** Visitors that were merged into it. */
  readonly merged: readonly string[];
}

/** An event may have a thousand items. */
const EVENTS_PER_READ = 100;
/** A session may have a thousand steps. */
const SESSIONS_PER_READ = 4;

/** See `VisitorPrivacy.export`. */
export async function* exportVisitor(
  dataSource: DataSource,
  deadLetters: DeadLetters,
  receipts: VisitorReceipts,
  { store, visitorId, merged }: ExportedVisitor,
): AsyncGenerator<string, void> {
  const ids = [visitorId, ...merged];
  const counts = { events: 0, sessions: 0, aliases: merged.length, deadLetters: 0 };
  const head = { store, visitorId, exportedAt: new Date(), aliases: merged };
  yield `${JSON.stringify(head).slice(0, -1)},\n`;
  yield* list('events', readEvents(dataSource, store, ids), (count) => (counts.events = count));
  yield* list('sessions', readSessions(dataSource, store, ids), (count) => (counts.sessions = count));
  yield* list('deadLetters', readDeadLetters(deadLetters, store, ids), (count) => (counts.deadLetters = count));
  const receipt = await receipts.write({ store, visitorId }, 'export', counts);
  yield `"receipt":${JSON.stringify(receipt)}}\n`;
}

/** A member of the object that is a list, each entry on a line of its own. */
async function* list(
  name: string,
  batches: AsyncIterable<readonly object[]>,
  counted: (count: number) => void,
): AsyncGenerator<string, void> {
  yield `"${name}":[\n`;
  let count = 0;
  for await (const batch of batches) {
    const lines = batch.map((entry, index) => `${count + index > 0 ? ',' : ''}${JSON.stringify(entry)}\n`);
    count += batch.length;
    yield lines.join('');
  }
  counted(count);
  yield '],\n';
}

/** As the event contract has it, with when each was received. */
async function* readEvents(dataSource: DataSource, store: string, ids: readonly string[]) {
  interface Row {
    readonly event_id: string;
    readonly type: string;
    readonly visitor_id: string;
    readonly user_id: string | null;
    readonly session_id: string | null;
    readonly item_id: string | null;
    readonly occurred_at: Date;
    readonly received_at: Date;
    readonly details: { readonly items?: unknown } | null;
  }
  const batches = streamRows<Row>(
    dataSource,
    `select event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, received_at, details
     from events where store = $1 and visitor_id = any($2::text[]) order by occurred_at, event_id`,
    [store, ids],
    EVENTS_PER_READ,
  );
  for await (const rows of batches) {
    yield rows.map(
      ({ event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, received_at, details }) => ({
        eventId: event_id,
        type,
        visitorId: visitor_id,
        userId: user_id ?? undefined,
        sessionId: session_id ?? undefined,
        itemId: details?.items === undefined ? (item_id ?? undefined) : undefined,
        ...details,
        occurredAt: occurred_at,
        receivedAt: received_at,
      }),
    );
  }
}

async function* readSessions(dataSource: DataSource, store: string, ids: readonly string[]) {
  interface Row {
    readonly visitor_id: string;
    readonly session_id: string | null;
    readonly started_at: Date;
    readonly ended_at: Date;
    readonly item_ids: readonly string[];
    readonly event_types: readonly string[];
    readonly occurred_at: readonly string[];
  }
  const batches = streamRows<Row>(
    dataSource,
    `select visitor_id, session_id, started_at, ended_at, item_ids, event_types, occurred_at
     from sessions where store = $1 and visitor_id = any($2::text[]) order by ended_at, id`,
    [store, ids],
    SESSIONS_PER_READ,
  );
  for await (const rows of batches) {
    yield rows.map(({ visitor_id, session_id, started_at, ended_at, item_ids, event_types, occurred_at }) => ({
      visitorId: visitor_id,
      sessionId: session_id ?? undefined,
      startedAt: started_at,
      endedAt: ended_at,
      steps: item_ids.map((itemId, step) => ({
        itemId,
        type: event_types[step],
        occurredAt: new Date(Number(occurred_at[step])),
      })),
    }));
  }
}

async function* readDeadLetters(deadLetters: DeadLetters, store: string, ids: readonly string[]) {
  for await (const letters of deadLetters.ofVisitor(store, ids)) yield letters.map(toPlain);
}

/** Bytes that are no text are Base64. */
function toPlain({ topic, partition, offset, rejection, key, value, headers, receivedAt }: KeptDeadLetter): object {
  const encoded = Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('base64')] as const);
  const readable = value === null || isUtf8(value);
  return {
    topic,
    partition,
    offset,
    ...rejection,
    receivedAt,
    key: key?.toString(),
    ...(readable ? { value: value?.toString() ?? null } : { valueBase64: value.toString('base64') }),
    headersBase64: Object.fromEntries(encoded),
  };
}
