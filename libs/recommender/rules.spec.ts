import { expect, test } from 'vitest';
import type { PlacementRule } from '#placements';
import { pinnedWithin, rulesInForce, withPins } from './rules.js';

const [dear, cheap] = [
  { field: 'price', gt: 100 },
  { field: 'price', lt: 5 },
];

test('rules are sorted by what they do; pins by position, those of one position in their order', () => {
  const rules: PlacementRule[] = [
    { pin: 'third', position: 3 },
    { boost: dear, factor: 2 },
    { pin: 'first', position: 1 },
    { hide: cheap },
    { bury: cheap, factor: 0.5 },
    { pin: 'other third', position: 3 },
  ];
  expect(rulesInForce(rules, 0)).toEqual({
    pins: [
      { pin: 'first', position: 1 },
      { pin: 'third', position: 3 },
      { pin: 'other third', position: 3 },
    ],
    weights: [
      { filter: dear, factor: 2 },
      { filter: cheap, factor: 0.5 },
    ],
    hidden: [cheap],
  });
});

test('a rule acts from its first instant until before its last', () => {
  const [from, until] = ['2026-11-27T00:00:00+01:00', '2026-11-27T00:00:01Z'];
  const pinsIn = (now: string, rule: object): number =>
    rulesInForce([{ pin: 'a', position: 1, ...rule }], Date.parse(now)).pins.length;
  expect(pinsIn('2026-11-26T22:59:59.999Z', { from, until })).toBe(0);
  expect(pinsIn('2026-11-26T23:00:00Z', { from, until })).toBe(1);
  expect(pinsIn('2026-11-27T00:00:00.999Z', { from, until })).toBe(1);
  expect(pinsIn('2026-11-27T00:00:01Z', { from, until })).toBe(0);
  expect(pinsIn('2036-01-01T00:00:00Z', { from })).toBe(1);
  expect(pinsIn('2006-01-01T00:00:00Z', { until })).toBe(1);
});

const pinsAt = (...positions: readonly (readonly [string, number])[]) =>
  positions.map(([pin, position]) => ({ pin, position }));

test.each([
  { pins: pinsAt(['P', 1]), others: ['a', 'b'], count: 3, answer: ['P', 'a', 'b'] },
  { pins: pinsAt(['P', 2], ['Q', 4]), others: ['a', 'b'], count: 4, answer: ['a', 'P', 'b', 'Q'] },
  { pins: pinsAt(['P', 2], ['Q', 2], ['R', 3]), others: ['a', 'b'], count: 5, answer: ['a', 'P', 'Q', 'R', 'b'] },
  { pins: pinsAt(['P', 1], ['P', 3], ['Q', 3]), others: ['a'], count: 3, answer: ['P', 'a', 'Q'] },
  { pins: pinsAt(['P', 3], ['Q', 3], ['R', 4]), others: ['a', 'b'], count: 3, answer: ['a', 'b', 'P'] },
  { pins: pinsAt(['P', 5], ['Q', 9]), others: ['a'], count: 10, answer: ['a', 'P', 'Q'] },
  { pins: [], others: ['a', 'b'], count: 2, answer: ['a', 'b'] },
])('pins $pins among $others', ({ pins, others, count, answer }) => {
  const pinned = pinnedWithin(pins, count);
  expect(withPins(pinned, others)).toEqual(answer);
  expect(new Set(pinned.map(({ position }) => position)).size).toBe(pinned.length);
});
