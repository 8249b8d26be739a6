import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Expectation, ExpectedSession } from './oracle.js';
import type { PlannedEvent } from './planned-record.js';
import type { TopicRecord } from './topic-reader.js';

const EXAMPLES = 4;

/** What is not as it must be, by kind. Empty when all is well. */
export class Differences {
  private readonly kinds = new Map<string, string[]>();

  add(kind: string, detail: string): void {
    const details = this.kinds.get(kind);
    if (details) details.push(detail);
    else this.kinds.set(kind, [detail]);
  }

  /** Nothing but the empty text when there are none. */
  toString(): string {
    return [...this.kinds]
      .map(([kind, details]) => {
        const more = details.length > EXAMPLES ? [`... and ${details.length - EXAMPLES} more`] : [];
        return [`${kind}: ${details.length}`, ...details.slice(0, EXAMPLES), ...more].join('\n  ');
      })
      .join('\n');
  }
}

/** Compares the tables `events`, `sessions`, `dead_letters` and `stream_offsets` with what they must hold. */
export async function compareDatabase(
  url: string,
  { topic, ends, expected }: { topic: string; ends: ReadonlyMap<number, number>; expected: Expectation },
): Promise<Differences> {
  const found = new Differences();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    compare(found, 'event', expected.events.map(eventLine), await readEvents(client));
    compare(found, 'session', expected.sessions.map(sessionLine), await readSessions(client));
    const letters = expected.deadLetters.map(({ code, record }) =>
      letterLine(record.partition, record.offset, code, true),
    );
    compare(found, 'dead letter in the database', letters, await readDeadLetters(client, topic));
    const offsets = [...ends].map(([partition, end]) => ({ key: `partition ${partition}`, text: String(end) }));
    compare(found, 'stored offset', offsets, await readOffsets(client, topic));
  } finally {
    await client.end();
  }
  return found;
}

/** Compares the dead-letter topic with what it must hold: every poisonous record as it was, once, and nothing else. */
export function compareDeadLetters(
  found: Differences,
  topic: string,
  { deadLetters }: Expectation,
  records: readonly TopicRecord[],
): void {
  const expected = deadLetters.map(({ code, record }) => {
    const { partition, offset } = record;
    const origin = {
      'nextpick.code': code,
      'nextpick.topic': topic,
      'nextpick.partition': partition,
      'nextpick.offset': offset,
    };
    const headers = Object.entries({ ...record.headers, ...origin }).map(([name, value]) => `${name}=${String(value)}`);
    return { key: `${partition}:${offset}`, text: describeRecord(record, headers) };
  });
  const actual = records.map((record) => {
    const { 'nextpick.reason': reason, ...others } = record.headers;
    const origin = `${String(others['nextpick.partition'])}:${String(others['nextpick.offset'])}`;
    if (!reason?.length) found.add('dead letter without a reason', origin);
    const headers = Object.entries(others).map(([name, value]) => `${name}=${value.toString()}`);
    return { key: origin, text: describeRecord(record, headers) };
  });
  compare(found, 'record of the dead-letter topic', expected, actual);
}

/** `key` says which it is, `text` all that must be the same. */
interface Line {
  readonly key: string;
  readonly text: string;
}

/** Of the lines of one key, those that are in both as often are right. */
function compare(found: Differences, what: string, expected: readonly Line[], actual: readonly Line[]): void {
  const left = new Map<string, string[]>();
  for (const { key, text } of actual) left.set(key, [...(left.get(key) ?? []), text]);
  const lost: Line[] = [];
  for (const line of expected) {
    const same = left.get(line.key) ?? [];
    const place = same.indexOf(line.text);
    if (place >= 0) same.splice(place, 1);
    else lost.push(line);
  }
  for (const { key, text } of lost) {
    const instead = left.get(key)?.shift();
    if (instead === undefined) found.add(`${what} lost`, `${key} ${text}`);
    else
      found.add(
        `${what} wrong`,
        `${key}\n    must be ${nearDifference(text, instead)}\n    but is  ${nearDifference(instead, text)}`,
      );
  }
  for (const [key, texts] of left) for (const text of texts) found.add(`${what} too many`, `${key} ${text}`);
}

/** Of a long text the part from shortly before where it differs from another. */
function nearDifference(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  const from = Math.max(0, at - 100);
  return `${from > 0 ? '... ' : ''}${text.slice(from, at + 200)}`;
}

function eventLine({ store, eventId, visitorId, sessionId, type, items, occurredAt }: PlannedEvent): Line {
  return {
    key: `${store} ${eventId}`,
    text: JSON.stringify([visitorId, sessionId, type, items[0] ?? null, occurredAt]),
  };
}

async function readEvents(client: pg.Client): Promise<Line[]> {
  const { rows } = await client.query<{ store: string; event_id: string; text: [...(string | null)[], string] }>(
    `select store, event_id, array[visitor_id, session_id, type, item_id,
       round(extract(epoch from occurred_at) * 1000)::text] as text from events`,
  );
  return rows.map(({ store, event_id, text }) => {
    return { key: `${store} ${event_id}`, text: JSON.stringify([...text.slice(0, -1), Number(text.at(-1))]) };
  });
}

function sessionLine({ store, visitorId, sessionId, steps }: ExpectedSession): Line {
  const sequence = steps.map(({ item, type, time }) => `${item} ${type} ${time}`).join(', ');
  const key = JSON.stringify([store, visitorId, sessionId]);
  return { key, text: `${Number(steps[0]?.time)} to ${Number(steps.at(-1)?.time)}: ${sequence}` };
}

async function readSessions(client: pg.Client): Promise<Line[]> {
  interface Row {
    readonly store: string;
    readonly visitor_id: string;
    readonly session_id: string | null;
    readonly begin: string;
    readonly end: string;
    readonly item_ids: readonly string[];
    readonly event_types: readonly string[];
    readonly occurred_at: readonly string[];
  }
  const { rows } = await client.query<Row>(
    `select store, visitor_id, session_id, item_ids, event_types, occurred_at,
       round(extract(epoch from started_at) * 1000)::text as begin, round(extract(epoch from ended_at) * 1000)::text as end
     from sessions order by store, visitor_id, started_at`,
  );
  return rows.map(({ store, visitor_id, session_id, begin, end, item_ids, event_types, occurred_at }) => {
    const longest = Math.max(item_ids.length, event_types.length, occurred_at.length);
    const step = (index: number): string =>
      `${String(item_ids[index])} ${String(event_types[index])} ${String(occurred_at[index])}`;
    const sequence = Array.from({ length: longest }, (_, index) => step(index)).join(', ');
    return { key: JSON.stringify([store, visitor_id, session_id]), text: `${begin} to ${end}: ${sequence}` };
  });
}

function letterLine(partition: number, offset: number | string, code: string, published: boolean): Line {
  return { key: `${partition}:${offset}`, text: `${code}, ${published ? 'published' : 'not published'}` };
}

async function readDeadLetters(client: pg.Client, topic: string): Promise<Line[]> {
  const { rows } = await client.query<{ partition: number; record_offset: string; code: string; published: boolean }>(
    'select partition, record_offset, code, published_at is not null as published from dead_letters where topic = $1',
    [topic],
  );
  return rows.map(({ partition, record_offset, code, published }) =>
    letterLine(partition, record_offset, code, published),
  );
}

async function readOffsets(client: pg.Client, topic: string): Promise<Line[]> {
  const { rows } = await client.query<{ partition: number; next_offset: string }>(
    'select partition, next_offset from stream_offsets where topic = $1',
    [topic],
  );
  return rows.map(({ partition, next_offset }) => ({ key: `partition ${partition}`, text: next_offset }));
}

function describeRecord({ key, value }: TopicRecord, headers: readonly string[]): string {
  return `key ${describeBytes(key)}, value ${describeBytes(value)}, headers ${[...headers].sort().join(', ')}`;
}

function describeBytes(bytes: Buffer | null): string {
  if (bytes === null) return 'none';
  const digest = createHash('sha1').update(bytes).digest('hex').slice(0, 12);
  return `${JSON.stringify(bytes.toString('latin1', 0, 40))} (${bytes.length} bytes, ${digest})`;
}
