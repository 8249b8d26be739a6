import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { simulateShop, type SimulatedEvent } from './simulator.js';

const DAY_MS = 86_400_000;
const DAYS = 20;
const until = Date.UTC(2026, 0, 31);
const options = { seed: 5, items: 1_000, views: 30_000, days: DAYS, until };
const shop = simulateShop({ ...options, drift: 1 });
const events = [...shop.events()];

const dayOf = ({ occurredAt }: SimulatedEvent): number =>
  Math.floor((Date.parse(occurredAt) - (until - DAYS * DAY_MS)) / DAY_MS);
const itemsOf = ({ itemId, items = [] }: SimulatedEvent): string[] => [
  ...(itemId === undefined ? [] : [itemId]),
  ...items.map((item) => item.itemId),
];

/** What share of the views of some days each department has. */
function departmentShares(from: number, to: number, all: readonly SimulatedEvent[]): Map<string, number> {
  const departments = new Map(shop.items.map(({ itemId, categories: [department = ''] }) => [itemId, department]));
  const views = all.filter((event) => event.type === 'view' && dayOf(event) >= from && dayOf(event) < to);
  const shares = new Map<string, number>();
  for (const { itemId = '' } of views) {
    const department = departments.get(itemId) ?? '';
    shares.set(department, (shares.get(department) ?? 0) + 1 / views.length);
  }
  return shares;
}

/** Half the sum of the differences: 0 for the same shares, 1 for nothing in common. */
function shift(all: readonly SimulatedEvent[]): number {
  const [first, last] = [departmentShares(0, 5, all), departmentShares(DAYS - 5, DAYS, all)];
  const names = new Set([...first.keys(), ...last.keys()]);
  return [...names].reduce((sum, name) => sum + Math.abs((first.get(name) ?? 0) - (last.get(name) ?? 0)) / 2, 0);
}

test('without drift the shop is the one that it always was', () => {
  const steady = simulateShop({ ...options, items: 300, views: 3_000, drift: 0 });
  const hash = createHash('sha256').update(JSON.stringify(steady.items));
  for (const event of steady.events()) hash.update(JSON.stringify(event));
  expect(hash.digest('hex')).toBe('e9f0e32e4846d9ff0866e51ac0275f165e90c3f708018540c36d3a447e6070d7');
  expect(steady.itemsOn(DAYS - 1).filter(({ available }) => !available)).toEqual([]);
});

test('the same seed drifts the same way', () => {
  const again = simulateShop({ ...options, drift: 1 });
  expect([...again.events()]).toEqual(events);
  expect(again.itemsOn(12)).toEqual(shop.itemsOn(12));
});

test('what is sought after moves', () => {
  const steady = [...simulateShop(options).events()];
  expect(shift(events)).toBeGreaterThan(0.1);
  expect(shift(events)).toBeGreaterThan(2 * shift(steady));
});

test('items come and go, and nobody sees one before or after', () => {
  const days = Array.from({ length: DAYS }, (_, day) => shop.itemsOn(day));
  const onSale = days.map((items) => new Set(items.filter(({ available }) => available).map(({ itemId }) => itemId)));
  const [first, last] = [onSale[0] ?? new Set(), onSale[DAYS - 1] ?? new Set()];
  const left = [...first].filter((itemId) => !last.has(itemId));
  const come = [...last].filter((itemId) => !first.has(itemId));
  expect(left.length).toBeGreaterThan(80);
  expect(come.length).toBeGreaterThan(80);
  // What has left is still told of, as not available; what comes later is not.
  const told = days[DAYS - 1]?.map(({ itemId }) => itemId);
  expect(told).toEqual(expect.arrayContaining(left));
  expect(days[0]?.map(({ itemId }) => itemId)).not.toEqual(expect.arrayContaining(come.slice(0, 1)));

  const late = events.filter((event) => !itemsOf(event).every((itemId) => onSale[dayOf(event)]?.has(itemId)));
  // A visit that goes on after midnight goes on with the items of its day.
  expect(late.length / events.length).toBeLessThan(0.01);
  expect(late.filter(({ occurredAt }) => new Date(occurredAt).getUTCHours() > 0)).toEqual([]);
});
