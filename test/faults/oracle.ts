import { createHash } from 'node:crypto';
import type { PlannedEvent, PlannedRecord } from './planned-record.js';
import type { TopicRecord } from './topic-reader.js';

const GAP = 30 * 60 * 1_000;
/** Of these a session is made. */
const STEP_TYPES = ['view', 'click', 'add_to_cart', 'purchase'];
/** A session keeps its latest so many; the streams here have fewer, so that nothing is ever cut off. */
const MOST_STEPS = 1_000;

/** A session as the table must have it. */
export interface ExpectedSession {
  readonly store: string;
  readonly visitorId: string;
  readonly sessionId: string | null;
  /** In order. */
  readonly steps: readonly ExpectedStep[];
}

interface ExpectedStep {
  readonly item: string;
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The event's turn among all. */
  readonly arrival: number;
}

/** What the database and the dead-letter topic must hold, given what the topic holds. */
export interface Expectation {
  /** Different events. */
  readonly events: readonly PlannedEvent[];
  readonly sessions: readonly ExpectedSession[];
  /** Of each poisonous record. */
  readonly deadLetters: readonly { readonly code: string; readonly record: TopicRecord }[];
  /** Events that were there before. */
  readonly repetitions: number;
  /** Sessions that only a late event made one. */
  readonly joinedLate: number;
}

/**
 * Says what must come of the records of a topic, from what each was planned to be. An event counts where its id comes first.
 * @throws Error when the topic has not what was sent: a planned record is missing, or one is there that nobody planned
 */
export function expectFrom(plan: readonly PlannedRecord[], records: readonly TopicRecord[]): Expectation {
  const meanings = meaningsOf(plan, records);
  const events = new Map<string, PlannedEvent>();
  const deadLetters: { code: string; record: TopicRecord }[] = [];
  let repetitions = 0;
  const inOrder = [...records].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  for (const record of inOrder) {
    const meaning = meanings.get(fingerprint(record)) as PlannedRecord['meaning'];
    if ('code' in meaning) {
      deadLetters.push({ code: meaning.code, record });
      continue;
    }
    const id = `${meaning.event.store} ${meaning.event.eventId}`;
    if (events.has(id)) repetitions += 1;
    else events.set(id, meaning.event);
  }
  const sessions = sessionsOf([...events.values()]);
  const joinedLate = sessions.filter(wasJoinedLate).length;
  return { events: [...events.values()], sessions, deadLetters, repetitions, joinedLate };
}

function meaningsOf(
  plan: readonly PlannedRecord[],
  records: readonly TopicRecord[],
): Map<string, PlannedRecord['meaning']> {
  const there = new Map<string, number>();
  for (const record of records) {
    const print = fingerprint(record);
    there.set(print, (there.get(print) ?? 0) + 1);
  }
  const meanings = new Map<string, PlannedRecord['meaning']>();
  for (const record of plan) {
    const print = fingerprint(record);
    const left = (there.get(print) ?? 0) - 1;
    if (left < 0) throw new Error(`a record that was sent is not in the topic: ${String(record.value).slice(0, 200)}`);
    there.set(print, left);
    meanings.set(print, record.meaning);
  }
  const stranger = records.find((record) => !meanings.has(fingerprint(record)));
  if (stranger) {
    throw new Error(`nobody sent the record at ${stranger.partition}:${stranger.offset} of the topic`);
  }
  return meanings;
}

function fingerprint({ key, value, headers }: Pick<TopicRecord | PlannedRecord, 'key' | 'value' | 'headers'>): string {
  const hash = createHash('sha1');
  for (const part of [key, value, headers['sent-as'] ?? null]) {
    hash.update(part === null ? 'none' : `${Buffer.byteLength(part)} bytes:`).update(part ?? '');
  }
  return hash.digest('base64');
}

function sessionsOf(events: readonly PlannedEvent[]): ExpectedSession[] {
  const groups = new Map<string, { session: Omit<ExpectedSession, 'steps'>; steps: ExpectedStep[] }>();
  events.forEach(({ store, visitorId, sessionId, type, items, occurredAt }, arrival) => {
    if (!STEP_TYPES.includes(type)) return;
    const name = JSON.stringify([store, visitorId, sessionId]);
    const group = groups.get(name) ?? { session: { store, visitorId, sessionId }, steps: [] };
    groups.set(name, group);
    for (const item of items) group.steps.push({ item, type, time: occurredAt, arrival });
  });
  const sessions = [...groups.values()].flatMap(({ session, steps }) => {
    steps.sort((a, b) => a.time - b.time || a.arrival - b.arrival);
    const begins = steps.flatMap(({ time }, index) => {
      const before = steps[index - 1];
      return !before || (session.sessionId === null && time - before.time > GAP) ? [index] : [];
    });
    return begins.map((begin, number) => ({ ...session, steps: steps.slice(begin, begins[number + 1]) }));
  });
  if (sessions.some(({ steps }) => steps.length > MOST_STEPS)) throw new Error('a session of the stream is too long');
  return sessions;
}

/** A step that came after both its neighbours, which are further apart than a session may be silent. */
function wasJoinedLate({ sessionId, steps }: ExpectedSession): boolean {
  return steps.some(({ arrival }, index) => {
    const [before, after] = [steps[index - 1], steps[index + 1]];
    if (sessionId !== null || !before || !after || after.time - before.time <= GAP) return false;
    return arrival > before.arrival && arrival > after.arrival;
  });
}
