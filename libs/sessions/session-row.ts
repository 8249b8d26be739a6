import type { EventType, SessionStep } from '#domain';
import type { StoredSession } from './sessionise.js';

/** Separates ids in a text: no id holds a control character. Much faster than Postgres' array text, both ways. */
export const ID_SEPARATOR = '\u001f';

/** A session as it is read, its arrays joined. */
export interface SessionRow {
  readonly id: string;
  readonly visitor_id: string;
  readonly session_id: string | null;
  readonly item_ids: string;
  readonly event_types: string;
  readonly occurred_at: string;
}

/** The columns to read, for `fromRow`. */
export const SESSION_COLUMNS = `id, visitor_id, session_id, array_to_string(item_ids, chr(31)) as item_ids,
  array_to_string(event_types, ',') as event_types, array_to_string(occurred_at, ',') as occurred_at`;

export function fromRow(row: SessionRow): StoredSession {
  const types = row.event_types.split(',') as EventType[];
  const times = row.occurred_at.split(',');
  return {
    id: row.id,
    visitorId: row.visitor_id,
    ...(row.session_id !== null && { sessionId: row.session_id }),
    steps: row.item_ids.split(ID_SEPARATOR).map((itemId, index) => ({
      itemId,
      type: types[index] ?? 'view',
      occurredAt: Number(times[index]),
    })),
  };
}

/** One parameter for each column, a whole batch in each; `writtenRows` takes them apart. */
export function toColumns(sessions: readonly StoredSession[]): unknown[][] {
  const joined = (field: (step: SessionStep) => string | number, separator: string): string[] =>
    sessions.map(({ steps }) => steps.map(field).join(separator));
  return [
    sessions.map(({ visitorId }) => visitorId),
    sessions.map(({ sessionId }) => sessionId ?? null),
    sessions.map(({ steps }) => steps[0]?.occurredAt),
    sessions.map(({ steps }) => steps.at(-1)?.occurredAt),
    joined(({ itemId }) => itemId, ID_SEPARATOR),
    joined(({ type }) => type, ','),
    joined(({ occurredAt }) => occurredAt, ','),
  ];
}

/** SQL for the rows of `toColumns`, numbered by `ordinal`, whose parameters begin at `$first`. */
export function writtenRows(first: number): string {
  const types = ['text', 'text', 'float8', 'float8', 'text', 'text', 'text'];
  return `(select ordinal, visitor_id, session_id,
      to_timestamp(started / 1000) as started_at, to_timestamp(ended / 1000) as ended_at,
      string_to_array(items, chr(31)) as item_ids, string_to_array(types, ',') as event_types,
      string_to_array(times, ',')::bigint[] as occurred_at
    from unnest(${types.map((type, index) => `$${first + index}::${type}[]`).join(', ')}) with ordinality
      as written (visitor_id, session_id, started, ended, items, types, times, ordinal))`;
}
