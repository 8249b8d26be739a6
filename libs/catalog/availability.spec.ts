import { expect, test } from 'vitest';
import { Availability } from './availability.js';

const always = { available: true, availableFrom: null, availableUntil: null };
const offSale = (availability: Availability, now: number): string[] => [...availability.offSaleAt(now)].sort();

test('an item is on sale from its first moment until before its last', () => {
  const availability = new Availability([
    { ...always, itemId: 'later', availableFrom: 100 },
    { ...always, itemId: 'ends', availableUntil: 200 },
    { ...always, itemId: 'both', availableFrom: 100, availableUntil: 200 },
    { itemId: 'never', available: false, availableFrom: 100, availableUntil: 200 },
  ]);
  const expected: [now: number, string[]][] = [
    [99, ['both', 'later', 'never']],
    [100, ['never']],
    [199, ['never']],
    [200, ['both', 'ends', 'never']],
    [1e15, ['both', 'ends', 'never']],
    // A clock that was put back.
    [150, ['never']],
    [0, ['both', 'later', 'never']],
  ];
  for (const [now, items] of expected) expect(offSale(availability, now), String(now)).toEqual(items);
});

test('it is the same set until an item comes or goes', () => {
  const availability = new Availability([{ ...always, itemId: 'a', availableFrom: 100 }]);
  const before = availability.offSaleAt(10);
  expect(availability.offSaleAt(99)).toBe(before);
  const after = availability.offSaleAt(100);
  expect(after).not.toBe(before);
  expect(availability.offSaleAt(1e15)).toBe(after);
});
