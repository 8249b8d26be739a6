import { afterAll, beforeAll, expect, test } from 'vitest';
import { VisitorHistory } from '#visitors';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { adds, buys, removes, ShopHistory } from '../../support/shop-history.js';

const minute = 60_000;
const day = 86_400_000;
const now = Date.now();

let database: TestDatabase;
let shop: ShopHistory;
let history: VisitorHistory;

beforeAll(async () => {
  database = await createTestDatabase();
  shop = new ShopHistory(database.dataSource);
  history = new VisitorHistory(database.dataSource);
});
afterAll(() => database.drop());

test('the cart is what was added less what was removed, the item added last at the end', async () => {
  const add = adds({ itemId: 'cup', quantity: 3 }, { itemId: 'pot', quantity: 1 });
  await shop.visit('a', 'anna', now - 60 * minute, 'cup', add, adds('tea'), adds('spoon'));
  await shop.visit(
    'a',
    'anna',
    now - 10 * minute,
    removes({ itemId: 'cup', quantity: 2 }),
    removes('pot'),
    adds('tea'),
  );
  expect(await history.cart('a', 'anna')).toEqual(['cup', 'spoon', 'tea']);
  await shop.visit('a', 'anna', now - minute, removes('cup'), removes('tea'));
  expect(await history.cart('a', 'anna')).toEqual(['spoon', 'tea']);
});

test('buying takes an item out of the cart, whatever its quantity; what is added later is in it', async () => {
  await shop.visit('a', 'bert', now - 60 * minute, adds({ itemId: 'ink', quantity: 5 }), adds('pen'), buys('ink'));
  expect(await history.cart('a', 'bert')).toEqual(['pen']);
  await shop.visit('a', 'bert', now - minute, adds('ink'));
  expect(await history.cart('a', 'bert')).toEqual(['pen', 'ink']);
});

test('a removal of what is not in the cart does not count against a later addition, and a cart is forgotten after 30 days', async () => {
  await shop.visit('a', 'carl', now - 31 * day, adds('old'));
  await shop.visit('a', 'carl', now - 29 * day, removes('new'), adds('new'));
  expect(await history.cart('a', 'carl')).toEqual(['new']);
});

test('purchases: in how many orders, first and last; bought: of the last days', async () => {
  const at = (days: number) => now - days * day;
  await shop.visit('a', 'dora', at(90), buys('coffee', 'mill'));
  await shop.visit('a', 'dora', at(60), buys({ itemId: 'coffee', quantity: 2 }));
  const order = { orderId: 'order-1' };
  await shop.visit('a', 'dora', at(30), { ...buys('coffee'), ...order }, { ...buys('filter', 'coffee'), ...order });
  expect(await history.purchases('a', 'dora')).toEqual([
    { itemId: 'coffee', times: 3, firstAt: at(90), lastAt: at(30) },
    { itemId: 'filter', times: 1, firstAt: at(30), lastAt: at(30) },
    { itemId: 'mill', times: 1, firstAt: at(90), lastAt: at(90) },
  ]);
  expect(await history.bought('a', 'dora', 31)).toEqual(['coffee', 'filter']);
  expect(await history.bought('a', 'dora', 29)).toEqual([]);
});

test('recently viewed: over the latest 20 sessions, each item once, the one looked at last first, at most so many', async () => {
  for (let session = 25; session >= 1; session--) await shop.visit('a', 'emil', now - session * day, `day-${session}`);
  await shop.visit('a', 'emil', now - minute, 'day-3', adds('put in the cart unseen'), {
    type: 'click',
    items: ['lamp'],
  });
  const viewed = await history.recentlyViewed('a', 'emil', 100);
  expect(viewed.slice(0, 5)).toEqual(['lamp', 'day-3', 'day-1', 'day-2', 'day-4']);
  expect(viewed).toHaveLength(20);
  expect(viewed.at(-1)).toBe('day-19');
  expect(await history.recentlyViewed('a', 'emil', 2)).toEqual(['lamp', 'day-3']);
});

test('nothing of another store or visitor is in it', async () => {
  await shop.visit('b', 'anna', now - minute, 'hat', adds('hat'), buys('cap'));
  expect(await history.cart('b', 'anna')).toEqual(['hat']);
  expect(await history.bought('b', 'anna', 1)).toEqual(['cap']);
  expect(await history.recentlyViewed('b', 'anna', 10)).toEqual(['hat']);
  expect(await history.bought('a', 'anna', 100)).toEqual([]);
  expect(await history.cart('b', 'bert')).toEqual([]);
  expect(await history.purchases('a', 'nobody')).toEqual([]);
});

test('cart and purchases are found by their index, however many other events there are', async () => {
  const { dataSource } = database;
  await dataSource.query(
    `insert into events (store, event_id, type, visitor_id, item_id, occurred_at, received_at)
     select 'a', 'many-' || i, 'view', 'visitor-' || i % 50, 'item', now(), now() from generate_series(1, 20000) as i`,
  );
  await dataSource.query('analyze events');
  const plan = await dataSource.query<object[]>(
    `explain select from events where store = 'a' and visitor_id = 'visitor-1' and occurred_at > now() - interval '30 days'
       and type in ('add_to_cart', 'remove_from_cart', 'purchase')`,
  );
  // Each month has its part of the index, under a name of Postgres' making.
  const [month] = await dataSource.query<{ index: string }[]>(
    `select part.inhrelid::regclass::text as index from pg_inherits as part
     join pg_index as index on index.indexrelid = part.inhrelid
     where part.inhparent = 'events_of_carts_and_purchases'::regclass
       and index.indrelid = (select tableoid from events where event_id = 'many-1')`,
  );
  expect(JSON.stringify(plan)).toContain(month?.index);
});
