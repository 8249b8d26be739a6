import { Random } from '#domain';
import type { PlannedEvent, PlannedRecord } from './planned-record.js';
import { planPoison, POISON_KINDS } from './poison.js';

/** The stores of the stream; `default` is there without a key. */
export const STORES = ['default', 'shop-b', 'shop-c'] as const;

const BASE = Date.UTC(2024, 2, 1);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const ITEMS = 5_000;

const TYPES = [
  ...Array<string>(60).fill('view'),
  ...Array<string>(15).fill('click'),
  ...Array<string>(10).fill('add_to_cart'),
  ...Array<string>(5).fill('purchase'),
  ...Array<string>(4).fill('impression'),
  ...Array<string>(3).fill('search'),
  ...Array<string>(3).fill('remove_from_cart'),
] as const;

/** A record and its place in the stream, from 0 to 1. */
interface Placed {
  readonly place: number;
  readonly records: readonly PlannedRecord[];
}

/**
 * A stream in the order in which it is sent: that many different events, one in twenty once more (often with other content),
 * late and out of order, and some hundred poisonous records among them. The same seed gives the same stream.
 */
export function planStream(seed: number, events: number): PlannedRecord[] {
  const random = new Random(seed);
  const placed: Placed[] = [];
  for (const { place, event } of planEvents(random, events)) {
    placed.push({ place, records: [recordOf(event, random)] });
    if (random.uniform() < 0.05) placed.push(repetition(random, place, event));
  }
  for (let index = 0; index < Math.max(3 * POISON_KINDS, events / 500); index += 1) {
    const event = placed[random.integer(placed.length)]?.records[0]?.meaning;
    const visitorId = event && 'event' in event ? event.event.visitorId : 'visitor';
    placed.push({ place: random.uniform(), records: planPoison(random, index, visitorId) });
  }
  return placed.sort((a, b) => a.place - b.place).flatMap(({ records }) => records);
}

function planEvents(random: Random, count: number): { place: number; event: PlannedEvent }[] {
  const events: { place: number; event: PlannedEvent }[] = [];
  const inStore = new Map<string, number>();
  for (let visitor = 0; events.length < count; visitor += 1) {
    const store = pick(random, ['default', 'default', 'default', 'shop-b', 'shop-c']);
    // Stores have visitors and ids of the same name.
    const visitorId = `visitor-${random.uniform() < 0.1 ? random.integer(visitor + 1) : visitor}`;
    for (const event of visits(random, Math.min(activity(random), count - events.length))) {
      const number = inStore.get(store) ?? 0;
      inStore.set(store, number + 1);
      events.push({ place: event.place, event: { ...event.event, store, visitorId, eventId: `event-${number}` } });
    }
  }
  return events;
}

/** How many events a visitor makes: mostly few, sometimes hundreds. */
function activity(random: Random): number {
  const kind = random.uniform();
  if (kind < 0.5) return 1 + random.integer(4);
  if (kind < 0.88) return 5 + random.integer(25);
  return kind < 0.99 ? 30 + random.integer(70) : 100 + random.integer(150);
}

type Visit = Omit<PlannedEvent, 'store' | 'visitorId' | 'eventId'>;

/** The events of a visitor, by time, spread over a part of the stream. */
function* visits(random: Random, count: number): Generator<{ place: number; event: Visit }> {
  const named = pick(random, [0, 0, 0, 1, 1, 0.5]);
  const begin = random.uniform();
  const end = begin + (1 - begin) * random.uniform();
  let occurredAt = BASE + random.integer(14 * 24 * HOUR);
  let session = 0;
  for (let index = 0; index < count; index += 1) {
    const silence = silenceBefore(random);
    occurredAt += silence;
    if (silence > 30 * MINUTE) session += 1;
    // Now and then one more of a session that was over.
    const name = random.uniform() < 0.05 ? random.integer(session + 1) : session;
    const sessionId = random.uniform() < named ? `session-${name}` : null;
    const type = pick(random, TYPES);
    yield {
      place: misplace(random, begin + ((end - begin) * index) / count, (end - begin) / count),
      event: { sessionId, type, items: itemsOf(random, type), occurredAt },
    };
  }
}

/** Ties, quick steps, and silences on either side of the 30 minutes that end a session, to the millisecond. */
function silenceBefore(random: Random): number {
  const kind = random.uniform();
  if (kind < 0.07) return 0;
  if (kind < 0.7) return SECOND + random.integer(3 * MINUTE);
  if (kind < 0.85) return 16 * MINUTE + random.integer(14 * MINUTE);
  if (kind < 0.88) return 30 * MINUTE;
  if (kind < 0.91) return 30 * MINUTE + 1;
  return HOUR + random.integer(20 * HOUR);
}

/** Most events come in turn, some change places with their neighbours, some come very late. */
function misplace(random: Random, place: number, step: number): number {
  const kind = random.uniform();
  if (kind < 0.88) return place;
  return kind < 0.95 ? place + 3 * step * random.uniform() : place + (1 - place) * random.uniform();
}

function itemsOf(random: Random, type: string): string[] {
  const item = (): string => `item-${random.integer(ITEMS)}`;
  if (type === 'search' && random.uniform() < 0.7) return [];
  return type === 'purchase' || type === 'impression' ? Array.from({ length: 1 + random.integer(3) }, item) : [item()];
}

/** The id once more, soon, much later or even before: as it was or, in an unequal half, with other content. */
function repetition(random: Random, place: number, event: PlannedEvent): Placed {
  const other = random.uniform() < 0.4;
  const type = pick(random, ['view', 'click', 'purchase']);
  const occurredAt = event.occurredAt + random.integer(2 * HOUR) - HOUR;
  const again = other ? { ...event, type, items: itemsOf(random, type), occurredAt } : event;
  const kind = random.uniform();
  const soon = place + 0.0005 * random.uniform();
  const when = kind < 0.4 ? soon : kind < 0.85 ? place + (1 - place) * random.uniform() : place * random.uniform();
  return { place: when, records: [recordOf(again, random)] };
}

function recordOf(event: PlannedEvent, random: Random): PlannedRecord {
  const { items, occurredAt, store, sessionId, ...fields } = event;
  const [itemId] = items;
  const value = {
    ...fields,
    ...((store !== 'default' || random.uniform() < 0.5) && { store }),
    ...(sessionId !== null && { sessionId }),
    ...(items.length === 1
      ? { itemId }
      : items.length > 1 && { items: items.map((itemId) => ({ itemId, quantity: 1 })) }),
    ...(random.uniform() < 0.2 && { userId: `customer-${random.integer(1_000)}` }),
    occurredAt: new Date(occurredAt).toISOString(),
  };
  return { key: event.visitorId, value: Buffer.from(JSON.stringify(value)), headers: {}, meaning: { event } };
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(choices.length)] as T;
}
