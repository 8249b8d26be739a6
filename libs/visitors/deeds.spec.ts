import { expect, test } from 'vitest';
import { cartOf, purchasesOf, type Deed } from './deeds.js';

let clock = 0;

const deed = (type: Deed['type'], itemId: string, quantity?: number, orderId: string | null = null): Deed => ({
  type,
  occurredAt: ++clock,
  orderId,
  items: [{ itemId, ...(quantity !== undefined && { quantity }) }],
});

test('an event without a quantity is about one piece', () => {
  const added = [deed('add_to_cart', 'a'), deed('add_to_cart', 'a'), deed('remove_from_cart', 'a')];
  expect(cartOf(added)).toEqual(['a']);
  expect(cartOf([...added, deed('remove_from_cart', 'a')])).toEqual([]);
});

test('an item that is added again moves to the end; one of which a part is removed stays in its place', () => {
  const deeds = [deed('add_to_cart', 'a', 3), deed('add_to_cart', 'b'), deed('remove_from_cart', 'a', 2)];
  expect(cartOf(deeds)).toEqual(['a', 'b']);
  expect(cartOf([...deeds, deed('add_to_cart', 'a')])).toEqual(['b', 'a']);
});

test('more is removed than there is: the next addition counts in full', () => {
  expect(cartOf([deed('add_to_cart', 'a'), deed('remove_from_cart', 'a', 5), deed('add_to_cart', 'a')])).toEqual(['a']);
});

test('events of one order are one purchase, orders without a name are by their time', () => {
  const deeds = [
    deed('purchase', 'a', 2, 'order'),
    deed('purchase', 'a', 1, 'order'),
    deed('purchase', 'b'),
    deed('purchase', 'b'),
  ];
  expect(purchasesOf(deeds)).toEqual([
    { itemId: 'b', times: 2, firstAt: deeds[2]?.occurredAt, lastAt: deeds[3]?.occurredAt },
    { itemId: 'a', times: 1, firstAt: deeds[0]?.occurredAt, lastAt: deeds[1]?.occurredAt },
  ]);
});
