import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AnswerLedger, PlacementMetrics, type PlacementFigures } from '#attribution';
import type { EventType, ShopEvent } from '#domain';
import { EventIntake } from '#events';
import { SessionStore } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let intake: EventIntake;
let ledger: AnswerLedger;
let metrics: PlacementMetrics;

beforeAll(async () => {
  database = await createTestDatabase();
  intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
  ledger = new AnswerLedger(database.dataSource);
  metrics = new PlacementMetrics(database.dataSource);
});
afterAll(() => database.drop());

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 0, 31, 12);

/** An answer of a placement by model m-1, with 20 items. */
const answer = (store: string, placement: string | null = 'home', at = noon): string =>
  ledger.issue(store, { placement, model: 'm-1', items: 20 }, at);

type Facts = Partial<Omit<ShopEvent, 'store' | 'type'>> & { readonly itemId?: string };

/** One event of the visitor v-1 about the item boot, unless told otherwise, at noon. */
const did = (store: string, type: EventType, { itemId = 'boot', ...facts }: Facts): Promise<unknown> =>
  intake.write([
    { store, type, eventId: randomUUID(), visitorId: 'v-1', items: [{ itemId }], occurredAt: noon, ...facts },
  ]);

/** The figures of the days around noon that are not 0. */
async function figures(store: string, placement?: string): Promise<Partial<PlacementFigures>[]> {
  await ledger.flush();
  const question = { from: '2026-01-20', until: '2026-02-10', ...(placement !== undefined && { placement }) };
  const report = await metrics.of(store, question);
  return report.figures.map(
    (line) =>
      Object.fromEntries(
        Object.entries(line).filter(([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0)),
      ) as Partial<PlacementFigures>,
  );
}

const line = { day: '2026-01-31', placement: 'home', model: 'm-1', requests: 1, items: 20 };
const untouched = { ...line, clickThroughRate: null };

test('events count for the answer that they name: items shown and clicked once each, units and revenue by currency', async () => {
  const requestId = answer('shoes');
  await did('shoes', 'impression', { requestId, items: [{ itemId: 'boot' }, { itemId: 'lace' }, { itemId: 'sock' }] });
  await did('shoes', 'impression', { requestId, itemId: 'lace' });
  await did('shoes', 'impression', { requestId, itemId: 'clog' });
  await did('shoes', 'click', { requestId });
  await did('shoes', 'view', { requestId: requestId.toUpperCase() });
  await did('shoes', 'search', { requestId, items: [] });
  await did('shoes', 'add_to_cart', { requestId, items: [{ itemId: 'boot', quantity: 2 }, { itemId: 'lace' }] });
  await did('shoes', 'remove_from_cart', { requestId });
  await did('shoes', 'purchase', {
    requestId,
    currency: 'EUR',
    items: [
      { itemId: 'boot', quantity: 2, price: 24.9 },
      { itemId: 'lace', price: 0.1 },
    ],
  });
  await did('shoes', 'purchase', { requestId, currency: 'CHF', items: [{ itemId: 'boot', price: 30 }] });
  await did('shoes', 'purchase', { requestId, items: [{ itemId: 'boot', price: 7 }, { itemId: 'lace' }] });
  expect(await figures('shoes')).toEqual([
    {
      ...line,
      impressions: 4,
      clicks: 1,
      carts: 3,
      purchases: 6,
      revenue: [
        { currency: 'CHF', amount: 30 },
        { currency: 'EUR', amount: 49.9 },
        { currency: null, amount: 7 },
      ],
      clickThroughRate: 0.25,
    },
  ]);
});

test('what follows counts for the day of the answer; lines are by day, placement and model', async () => {
  const ids = [answer('hats', 'home', noon - day), answer('hats', null), answer('hats', 'cart'), answer('hats')];
  const other = ledger.issue('hats', { placement: 'home', model: 'm-2', items: 1 }, noon);
  for (const requestId of [...ids, other]) await did('hats', 'click', { requestId, occurredAt: noon + 2 * day });
  const clicked = { clicks: 1, clickThroughRate: null };
  const home = [
    { ...line, ...clicked, day: '2026-01-30' },
    { ...line, ...clicked },
    { ...line, ...clicked, model: 'm-2', items: 1 },
  ];
  expect(await figures('hats')).toEqual([
    home[0],
    { ...line, ...clicked, placement: null },
    { ...line, ...clicked, placement: 'cart' },
    home[1],
    home[2],
  ]);
  expect(await figures('hats', 'home')).toEqual(home);
  expect(await figures('hats', 'elsewhere')).toEqual([]);
  const only = await metrics.of('hats', { from: '2026-01-30', until: '2026-01-30' });
  expect(only.figures).toMatchObject([{ day: '2026-01-30', clicks: 1 }]);
});

test('without a request id, a cart or purchase counts for the last click or view of the item in the 7 days before', async () => {
  const [first, last, page] = [answer('bags', 'home', noon - 7 * day), answer('bags', 'cart'), answer('bags', 'page')];
  await did('bags', 'click', { requestId: first, occurredAt: noon - 7 * day });
  await did('bags', 'view', { requestId: last, items: [{ itemId: 'boot', price: 3 }, { itemId: 'sock' }] });
  await did('bags', 'click', { requestId: page, itemId: 'lace', occurredAt: noon + hour });
  const bought = {
    currency: 'EUR',
    items: [
      { itemId: 'boot', price: 10, quantity: 2 },
      { itemId: 'lace', price: 1 },
    ],
  };
  await did('bags', 'purchase', { ...bought, occurredAt: noon - hour });
  await did('bags', 'purchase', { ...bought, occurredAt: noon + hour });
  await did('bags', 'add_to_cart', { itemId: 'sock', occurredAt: noon + 7 * day });
  await did('bags', 'add_to_cart', { itemId: 'sock', occurredAt: noon + 7 * day + 1 });
  await did('bags', 'add_to_cart', { itemId: 'clog', occurredAt: noon + hour });
  await did('bags', 'add_to_cart', { visitorId: 'v-2', occurredAt: noon + hour });
  const eur = (amount: number) => [{ currency: 'EUR', amount }];
  const lines = [
    { ...untouched, day: '2026-01-24', clicks: 1, purchases: 2, revenue: eur(20) },
    { ...untouched, placement: 'cart', clicks: 2, carts: 1, purchases: 2, revenue: eur(20) },
    { ...untouched, placement: 'page', clicks: 1, purchases: 1, revenue: eur(1) },
  ];
  expect(await figures('bags')).toEqual(lines);
  expect(await figures('bags', 'home')).toEqual([lines[0]]);
});

test('a click from an answer that is not asked about takes a purchase away from one that is', async () => {
  const [asked, later] = [answer('belts', 'home'), answer('belts', 'home', noon + 20 * day)];
  await did('belts', 'click', { requestId: asked, occurredAt: noon + 19 * day });
  await did('belts', 'click', { requestId: later, occurredAt: noon + 20 * day });
  await did('belts', 'purchase', { occurredAt: noon + 19 * day + hour });
  await did('belts', 'purchase', { occurredAt: noon + 20 * day + hour });
  expect(await figures('belts')).toEqual([{ ...untouched, clicks: 1, purchases: 1 }]);
});

test('ids that no answer of the store had are as if they were not there', async () => {
  const requestId = answer('ties');
  const ofAnother = ledger.issue('scarves', { placement: 'home', model: 'm-1', items: 9 }, noon);
  await ledger.flush();
  const start = requestId.slice(0, 13);
  const foreign = [
    randomUUID(),
    `${start}-7000-8000-000000000000`,
    `${start}-8000-8000-00ffffffffff`,
    requestId.replace(/-8(...)-/, '-4$1-'),
    `${requestId}0`,
    `x${requestId.slice(1)}`,
    `${start}zzzzz${requestId.slice(-10)}`,
    ofAnother,
    "' or 1=1 --",
    'ü'.repeat(256),
    '.',
  ];
  for (const id of foreign) {
    for (const type of ['impression', 'click', 'add_to_cart', 'purchase'] as const) {
      await did('ties', type, { requestId: id, itemId: 'sock' });
    }
  }
  expect(await figures('ties')).toEqual([untouched]);
  await did('ties', 'click', { requestId, itemId: 'sock', occurredAt: noon - hour });
  expect(await figures('ties')).toEqual([{ ...untouched, clicks: 1, carts: 11, purchases: 11 }]);
  expect(await figures('scarves')).toEqual([{ ...untouched, items: 9 }]);
});

test('amounts beyond what a number holds are cut, not an error', async () => {
  const requestId = answer('rings');
  const items = [{ itemId: 'boot', quantity: 1_000_000_000, price: Number.MAX_VALUE }];
  await did('rings', 'purchase', { requestId, currency: 'EUR', items });
  expect(await figures('rings')).toMatchObject([{ revenue: [{ currency: 'EUR', amount: 1e300 }] }]);
});

test('at most 92 days, the last 30 unless told, and a fault names its field', async () => {
  const today = Math.floor(Date.now() / day) * day;
  const report = await metrics.of('shoes', {});
  expect([Date.parse(report.from), Date.parse(report.until)]).toEqual([today - 29 * day, today]);
  expect(await metrics.of('shoes', { from: '2026-01-01', until: '2026-04-02' })).toMatchObject({ from: '2026-01-01' });
  const faults = [
    [{ from: '2026-01-01', until: '2026-04-03' }, 'from', /^from must be 2026-01-02 or later/],
    [{ from: '2026-01-02', until: '2026-01-01' }, 'from', /^from must not be after the last day, which is 2026-01-01/],
    [{ from: '2026-02-29' }, 'from', /^from must be a day/],
    [{ until: 'today' }, 'until', /^until must be a day/],
  ] as const;
  for (const [question, field, message] of faults) {
    await expect(metrics.of('shoes', question)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'range_invalid',
      facts: { field },
      message: expect.stringMatching(message) as string,
    });
  }
});
