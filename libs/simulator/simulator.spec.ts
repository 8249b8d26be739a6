import { evaluate, predictionCases, type Ranker } from '#evaluation';
import { beforeAll, expect, test } from 'vitest';
import { simulateShop, type SimulatedEvent } from './simulator.js';

const until = Date.UTC(2026, 0, 31);
const options = { seed: 5, items: 1_000, views: 20_000, days: 14, until };
const shop = simulateShop(options);
let events: SimulatedEvent[];

beforeAll(() => {
  events = [...shop.events()];
});

const viewsOf = (list: readonly SimulatedEvent[]): SimulatedEvent[] => list.filter(({ type }) => type === 'view');

/** Views cut by visitor and pauses of 30 minutes, oldest visit first. */
function visits(): SimulatedEvent[][] {
  const all: SimulatedEvent[][] = [];
  const open = new Map<string, SimulatedEvent[]>();
  for (const event of viewsOf(events)) {
    const visit = open.get(event.visitorId);
    const last = visit?.at(-1);
    if (visit && last && Date.parse(event.occurredAt) - Date.parse(last.occurredAt) <= 30 * 60_000) visit.push(event);
    else {
      const fresh = [event];
      open.set(event.visitorId, fresh);
      all.push(fresh);
    }
  }
  return all;
}

test('the same seed gives the same shop and history, another seed another', () => {
  const again = simulateShop(options);
  expect(again.items).toEqual(shop.items);
  expect([...again.events()]).toEqual(events);
  expect([...simulateShop({ ...options, seed: 6 }).events()].slice(0, 50)).not.toEqual(events.slice(0, 50));
});

test('sizes are about what was asked for', () => {
  expect(shop.items.length).toBeGreaterThan(900);
  expect(shop.items.length).toBeLessThan(1_100);
  expect(viewsOf(events).length).toBeGreaterThan(17_000);
  expect(viewsOf(events).length).toBeLessThan(23_000);
});

test('events are in order, within the period, with unique ids and items of the catalogue', () => {
  const times = events.map(({ occurredAt }) => Date.parse(occurredAt));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(until - options.days * 86_400_000);
  expect(Math.max(...times)).toBeLessThan(until);
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
  const catalogue = new Set(shop.items.map(({ itemId }) => itemId));
  const named = events.flatMap(({ itemId, items = [] }) => [
    ...(itemId ? [itemId] : []),
    ...items.map((item) => item.itemId),
  ]);
  expect(named.filter((itemId) => !catalogue.has(itemId))).toEqual([]);
});

test('all that shoppers do is there, and who buys has put it in the cart before', () => {
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set(['search', 'impression', 'view', 'add_to_cart', 'remove_from_cart', 'purchase']),
  );
  const carts = new Set(
    events.filter(({ type }) => type === 'add_to_cart').map((e) => `${e.visitorId} ${e.itemId ?? ''}`),
  );
  for (const { visitorId, items = [], orderId, currency } of events.filter(({ type }) => type === 'purchase')) {
    expect(orderId).toBeDefined();
    expect(currency).toBe('EUR');
    for (const { itemId, quantity, price } of items) {
      expect(carts).toContain(`${visitorId} ${itemId}`);
      expect(quantity).toBe(1);
      expect(price).toBe(shop.items.find((item) => item.itemId === itemId)?.price);
    }
  }
});

test('visitors come again, and a few items have most of the views', () => {
  const all = visits();
  const visitors = new Set(all.map(([first]) => first?.visitorId));
  expect(visitors.size).toBeLessThan(0.85 * all.length);
  const counts = new Map<string, number>();
  for (const { itemId = '' } of viewsOf(events)) counts.set(itemId, (counts.get(itemId) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a);
  const top = sorted.slice(0, Math.ceil(shop.items.length / 10)).reduce((sum, count) => sum + count, 0);
  expect(top / viewsOf(events).length).toBeGreaterThan(0.35);
});

test('the last item tells much about the next, but counting what follows it does not tell all', async () => {
  const sessions = visits().map((visit) => visit.map(({ itemId = '' }) => itemId));
  const cut = Math.floor(sessions.length * 0.8);
  const popular = new Map<string, number>();
  const followers = new Map<string, Map<string, number>>();
  for (const { prefix, target } of predictionCases(sessions.slice(0, cut))) {
    const last = prefix.at(-1) ?? '';
    const counts = followers.get(last) ?? new Map<string, number>();
    followers.set(last, counts.set(target, (counts.get(target) ?? 0) + 1));
    popular.set(target, (popular.get(target) ?? 0) + 1);
  }
  const ranked = (counts: ReadonlyMap<string, number> = new Map()): string[] =>
    [...counts].sort(([, a], [, b]) => b - a).map(([itemId]) => itemId);
  const mostViewed = ranked(popular);
  const byPopularity: Ranker<string> = (prefixes) => Promise.resolve(prefixes.map(() => mostViewed));
  const byLast: Ranker<string> = (prefixes) =>
    Promise.resolve(prefixes.map((p) => ranked(followers.get(p.at(-1) ?? ''))));
  const test = [...predictionCases(sessions.slice(cut))];
  const popularity = await evaluate(test, byPopularity);
  const counting = await evaluate(test, byLast);
  expect(counting.precision).toBeGreaterThan(2 * popularity.precision);
  expect(counting.precision).toBeLessThan(0.65);
});
