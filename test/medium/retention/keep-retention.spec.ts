import { afterEach, beforeEach, expect, test } from 'vitest';
import { AnswerLedger, PlacementMetrics } from '#attribution';
import type { EventType, ShopEvent } from '#domain';
import { EventIntake, keepEventPartitions, listEventPartitions, monthOf } from '#events';
import { keepRetention, RetentionSettings } from '#retention';
import { SessionStore } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const DAY = 86_400_000;
const now = Date.now();
/** Noon of a day in the middle of a month. */
const middle = (monthsAgo: number, day = 15): number => monthOf(now, -monthsAgo) + (day - 1) * DAY + DAY / 2;
const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

let database: TestDatabase;
let intake: EventIntake;
let settings: RetentionSettings;

beforeEach(async () => {
  database = await createTestDatabase();
  intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
  settings = new RetentionSettings(database.dataSource);
  // As though the job had run all the time.
  for (const ago of [5, 3]) await keepEventPartitions(database.dataSource, monthOf(now, -ago));
});
afterEach(() => database.drop());

const event = (store: string, eventId: string, occurredAt: number, more: Partial<ShopEvent> = {}): ShopEvent => ({
  store,
  eventId,
  type: 'view',
  visitorId: 'v',
  items: [{ itemId: 'boot' }],
  occurredAt,
  ...more,
});
const texts = async (sql: string): Promise<string[]> =>
  (await database.dataSource.query<{ text: string }[]>(sql)).map(({ text }) => text);
const events = (): Promise<string[]> => texts(`select store || ' ' || event_id as text from events order by text`);
const ids = (): Promise<string[]> => texts(`select store || ' ' || event_id as text from event_ids order by text`);
const tables = async (): Promise<string[]> =>
  (await listEventPartitions(database.dataSource)).map(({ table }) => table);
const tableOf = (at: number): string => `events_${dayText(at).slice(0, 7).replace('-', '_')}`;
const keep = () => keepRetention(database.dataSource, now);

test('nothing is dropped where nobody said so', async () => {
  await intake.write([event('shop', 'old', middle(5)), event('shop', 'ancient', Date.UTC(2001, 1, 1))]);
  const before = await tables();
  expect(await keep()).toEqual({ events: 0, months: 0, sessions: 0, metricsDays: 0 });
  expect(await events()).toEqual(['shop ancient', 'shop old']);
  expect(await tables()).toEqual(before);
});

test('months that are past are dropped as a whole, and what occurred in them is not taken again', async () => {
  const sent = [4, 3, 2, 0].map((ago) => event('shop', `e${ago}`, ago === 0 ? now : middle(ago)));
  const ancient = event('shop', 'ancient', Date.UTC(2001, 1, 1));
  await intake.write([...sent, ancient]);
  const sessions = await texts('select visitor_id as text from sessions');
  // The month that lies 90 days back, or begins there, is kept whole.
  await settings.set('shop', { events: 90 }, now);
  const from = monthOf(now - 90 * DAY);
  const kept = sent.filter(({ occurredAt }) => occurredAt >= from);
  const dropped = await keep();
  expect(dropped).toMatchObject({ events: 5 - kept.length, sessions: 0 });
  expect(dropped.months).toBeGreaterThanOrEqual(1);
  expect((await tables())[0]).toBe(tableOf(from));
  expect(await events()).toEqual(kept.map(({ eventId }) => `shop ${eventId}`).sort());
  expect(await ids()).toEqual(await events());
  expect(await texts('select visitor_id as text from sessions')).toEqual(sessions);
  expect(await intake.write([...sent, ancient, event('shop', 'just', from)])).toEqual({
    accepted: 1,
    duplicates: kept.length,
    withheld: 5 - kept.length,
  });
  expect(await intake.write([event('second', 'e4', middle(4))])).toMatchObject({ accepted: 1 });
  expect(await texts('select visitor_id as text from sessions')).toHaveLength(sessions.length + 2);
  await settings.set('shop', { sessions: 10 }, now);
  expect(await intake.write([ancient])).toMatchObject({ withheld: 1 });
  await settings.set('shop', { events: null }, now);
  expect(await intake.write([ancient])).toMatchObject({ accepted: 1 });
});

test('a month that another store keeps stays, without the rows of the one that does not', async () => {
  for (const store of ['long', 'short', 'silent']) {
    await intake.write([event(store, 'a', middle(4)), event(store, 'b', middle(4, 16)), event(store, 'c', now)]);
  }
  await settings.set('short', { events: 30 }, now);
  await settings.set('long', { events: 400 }, now);
  expect(await keep()).toMatchObject({ events: 2 });
  expect(await events()).toEqual(['long a', 'long b', 'long c', 'short c', 'silent a', 'silent b', 'silent c']);
  expect(await ids()).toEqual(await events());
  expect(await tables()).toContain(tableOf(middle(4)));
  await settings.set('long', { events: 30 }, now);
  await settings.set('silent', { events: 30 }, now);
  expect(await keep()).toMatchObject({ events: 4 });
  expect(await tables()).not.toContain(tableOf(middle(4)));
  expect(await ids()).toEqual(['long c', 'short c', 'silent c']);
});

test('what placements led to is told as before when the events are gone', async () => {
  const ledger = new AnswerLedger(database.dataSource);
  const metrics = new PlacementMetrics(database.dataSource);
  let count = 0;
  const did = (type: EventType, occurredAt: number, more: Partial<ShopEvent> = {}): Promise<unknown> =>
    intake.write([event('shop', `did-${(count += 1)}`, occurredAt, { type, ...more })]);
  const lastMonthEnd = monthOf(now - 31 * DAY) - 60_000;
  for (const at of [middle(4), middle(4, 16), lastMonthEnd, middle(0, 1) - DAY / 2]) {
    const requestId = ledger.issue('shop', { placement: 'home', model: 'm', items: 9 }, at);
    await did('impression', at, { requestId, items: [{ itemId: 'boot' }, { itemId: 'sock' }] });
    await did('click', at, { requestId, visitorId: `v-${at}` });
    // Two days later, over the end of the month for one of them.
    const items = [{ itemId: 'boot', price: 24.9, quantity: 3 }];
    await did('purchase', at + 2 * DAY, { visitorId: `v-${at}`, currency: 'EUR', items });
  }
  await ledger.flush();
  const months = [
    { from: dayText(monthOf(now, -4)), until: dayText(monthOf(now, -3)) },
    { from: dayText(monthOf(now - 31 * DAY) - 20 * DAY), until: dayText(now) },
  ];
  const read = () => Promise.all(months.map((question) => metrics.of('shop', question)));
  const before = await read();
  expect(before.flatMap(({ figures }) => figures).length).toBeGreaterThanOrEqual(4);
  expect(before[0]?.figures[0]).toMatchObject({ impressions: 2, clicks: 1, purchases: 3 });
  await settings.set('shop', { events: 31 }, now);
  expect((await keep()).events).toBeGreaterThanOrEqual(6);
  expect(await read()).toEqual(before);
  await keep();
  expect(await read()).toEqual(before);

  await settings.set('shop', { metrics: 31 }, now);
  expect((await keep()).metricsDays).toBeGreaterThanOrEqual(2);
  const after = await read();
  expect(after[0]?.figures).toEqual([]);
  expect(after[1]?.figures).toEqual(before[1]?.figures.filter(({ day }) => day >= dayText(now - 31 * DAY)));
});

test('sessions are dropped by their end, in their store alone', async () => {
  for (const store of ['shop', 'second']) {
    await intake.write([event(store, 'old', now - 20 * DAY), event(store, 'new', now - 9 * DAY)]);
  }
  await settings.set('shop', { sessions: 10 }, now);
  expect(await keep()).toMatchObject({ sessions: 1, events: 0 });
  expect(await texts('select store as text from sessions order by 1')).toEqual(['second', 'second', 'shop']);
});

test('what is set is shown, field by field; nonsense is refused', async () => {
  expect(await settings.of('shop')).toEqual({ events: null, sessions: null, metrics: null });
  await settings.set('shop', { events: 400, metrics: 800 }, now);
  expect(await settings.set('shop', { sessions: 90, metrics: null }, now)).toEqual({
    events: 400,
    sessions: 90,
    metrics: null,
  });
  expect(await settings.of('shop')).toEqual({ events: 400, sessions: 90, metrics: null });
  for (const wrong of [{ events: 29 }, { sessions: 0 }, { metrics: 1.5 }, { events: 40_000 }]) {
    await expect(settings.set('shop', wrong, now)).rejects.toMatchObject({
      code: 'retention_invalid',
      facts: { field: Object.keys(wrong)[0] },
    });
  }
});
