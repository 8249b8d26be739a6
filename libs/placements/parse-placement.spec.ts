import { expect, test } from 'vitest';
import { parsePlacement } from './parse-placement.js';
import { DEFAULT_SETTINGS } from './settings.js';

const price = { field: 'price', lt: 20 };

test('what is left out, or null, is as in a request without a placement', () => {
  expect(parsePlacement({})).toEqual(DEFAULT_SETTINGS);
  expect(parsePlacement({ count: null, rules: null, filter: null, excludeBoughtDays: null })).toEqual(DEFAULT_SETTINGS);
});

test('the usual fallbacks do not repeat the strategy, and those that are given stay', () => {
  expect(parsePlacement({ strategy: 'popular' }).fallbacks).toEqual(['trending']);
  expect(parsePlacement({ strategy: 'popular', fallbacks: [] }).fallbacks).toEqual([]);
  expect(parsePlacement({ fallbacks: ['popular'] }).fallbacks).toEqual(['popular']);
});

test('settings that are complete stay as they are', () => {
  const settings = {
    strategy: 'trending',
    fallbacks: ['next-item'],
    count: 7,
    repeat: 'all',
    filter: { and: [price, { not: { field: 'title', exists: true } }] },
    diversity: 0.25,
    exclude: ['a'],
    excludeCart: true,
    excludeBoughtDays: 30,
    rules: [
      { pin: 'a', position: 1, from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00+01:00' },
      { boost: price, factor: 2 },
      { bury: price, factor: 0.5 },
      { hide: price, until: '2026-02-01T00:00:00Z' },
    ],
  };
  expect(parsePlacement(settings)).toEqual(settings);
  expect(parsePlacement(parsePlacement(settings))).toEqual(settings);
});

const rule = (plain: unknown): object => ({ rules: [{ hide: price }, plain] });

test.each<[string, unknown, RegExp]>([
  ['no object', [], /^it must be an object/],
  ['an unknown field', { colour: 'red' }, /^colour is not a known field/],
  ['an unknown strategy', { strategy: 'magic' }, /^strategy must be one of next-item, /],
  ['an unknown fallback', { fallbacks: ['popular', 'magic'] }, /^fallbacks each of it must be one of next-item, /],
  ['fallbacks that are no list', { fallbacks: 'popular' }, /^fallbacks must be a list of at most/],
  ['count 0', { count: 0 }, /^count must be a whole number from 1 to 100/],
  ['an unknown repeat mode', { repeat: 'once' }, /^repeat must be one of all, exceptCurrent, none/],
  ['diversity above 1', { diversity: 1.1 }, /^diversity must be a number from 0 to 1/],
  ['diversity as text', { diversity: '1' }, /^diversity must be a number from 0 to 1/],
  ['excludeCart as text', { excludeCart: 'yes' }, /^excludeCart must be true or false/],
  ['0 days', { excludeBoughtDays: 0 }, /^excludeBoughtDays must be a whole number of days from 1 to 3650/],
  ['an id that is a number', { exclude: [3] }, /^exclude each of it must be a text/],
  [
    'a wrong filter',
    { filter: { and: [price, { field: 'price', lt: '3' }] } },
    /^filter\.and\[1\]\.lt must be a number/,
  ],
  ['rules that are no list', { rules: {} }, /^rules must be a list of at most 100 rules; rules must be a rule/],
  ['101 rules', { rules: Array(101).fill({ hide: price }) }, /^rules must be a list of at most 100 rules$/],
  [
    '9 boosts',
    { rules: Array(9).fill({ boost: price, factor: 2 }) },
    /^rules must have at most 8 that boost or bury, not 9/,
  ],
  ['a rule that is a text', rule('hide'), /^rules\[1\] must be a rule, such as/],
  [
    'a rule that does nothing',
    rule({ from: '2026-01-01T00:00:00Z' }),
    /^rules\[1\] must have one of pin, boost, bury, hide/,
  ],
  ['a rule with an unknown field', rule({ hid: price }), /^rules\[1\]\.hid is not a known field/],
  [
    'a rule that does two things',
    rule({ pin: 'a', position: 1, hide: price }),
    /^rules\[1\]\.hide must not stand beside pin/,
  ],
  ['a pin without a position', rule({ pin: 'a' }), /^rules\[1\]\.position must be given for a pin/],
  ['a pin at 101', rule({ pin: 'a', position: 101 }), /^rules\[1\]\.position must be a whole number from 1 to 100/],
  ['a pin with a factor', rule({ pin: 'a', position: 1, factor: 2 }), /^rules\[1\]\.factor must not stand beside pin/],
  ['a boost without a factor', rule({ boost: price }), /^rules\[1\]\.factor must be given for a boost/],
  [
    'a boost with a position',
    rule({ boost: price, factor: 2, position: 1 }),
    /^rules\[1\]\.position must not stand beside boost/,
  ],
  ['a boost that buries', rule({ boost: price, factor: 0.5 }), /^rules\[1\]\.factor must be above 1 for a boost/],
  ['a bury that boosts', rule({ bury: price, factor: 1 }), /^rules\[1\]\.factor must be below 1 for a bury/],
  ['a bury by 0', rule({ bury: price, factor: 0 }), /^rules\[1\]\.factor must be .*at least 0\.001/],
  [
    'a wrong filter in a rule',
    rule({ boost: { field: 'cost', lt: 2 }, factor: 2 }),
    /^rules\[1\]\.boost\.field must be one of/,
  ],
  [
    'a time without an offset',
    rule({ hide: price, from: '2026-01-01T00:00:00' }),
    /^rules\[1\]\.from must be ISO 8601/,
  ],
  [
    'a rule that ends before it begins',
    rule({ hide: price, from: '2026-01-02T00:00:00Z', until: '2026-01-02T00:00:00Z' }),
    /^rules\[1\]\.until must be after rules\[1\]\.from/,
  ],
])('%s is refused with its place', (_, plain, message) => {
  expect(() => parsePlacement(plain)).toThrow(message);
});
