import { expect, test } from 'vitest';
import type { CatalogueItem } from '#catalog';
import { InvalidInputError, Random } from '#domain';
import { compileFilter, contextValues } from './compile-filter.js';
import { parseFilter } from './parse-filter.js';

const random = new Random(11);
const pick = <T>(choices: readonly T[]): T => choices[random.integer(choices.length)] as T;

const names = [
  ...['and', 'or', 'not', 'field', 'eq', 'in', 'gt', 'gte', 'lt', 'lte', 'exists', 'context', 'times'],
  ...['__proto__', 'constructor', 'toString', 'length', '', 'x'.repeat(3_000), '\0', '0', '\ud800'],
];
const fields = [
  ...['itemId', 'title', 'price', 'currency', 'categories', 'available', 'availableFrom', 'attributes.a'],
  ...['attributes.a.b', 'attributes.__proto__', 'attributes', 'attributes..', '__proto__', 'updatedAt'],
];
const scalars: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1.5, -1e308, Infinity, NaN, '', 'a', '\0', '2026-01-31T12:30:00Z', 'x'.repeat(2_000)],
  ...[undefined, 10n, Symbol('s'), () => 1, new Date(0), new Map(), Object.create(null) as unknown],
];

const good = [
  { field: 'price', gte: 1, lt: { context: 'price', times: 2 } },
  { field: 'categories', in: ['b', 'a'] },
  { field: 'attributes.a', eq: { context: 'attributes.a' } },
  { field: 'attributes.a.b', gt: 'a' },
  { field: 'availableFrom', lte: '2026-01-31T12:30:00Z' },
  { field: 'title', exists: false },
];

/** Any value at all, more often than not something like what a filter has. */
function anything(levels: number): unknown {
  const kind = random.integer(levels === 0 ? 2 : 5);
  if (kind === 0) return pick(scalars);
  if (kind === 1) return pick(fields);
  if (kind === 2) return Array.from({ length: random.integer(4) }, () => anything(levels - 1));
  return Object.fromEntries(Array.from({ length: random.integer(4) }, () => [pick(names), anything(levels - 1)]));
}

/** Like a filter, now and then with something else in a place. */
function nearly(levels: number): unknown {
  if (random.integer(12) === 0) return anything(2);
  const group = random.integer(levels === 0 ? 1 : 4);
  if (group === 1) return { not: nearly(levels - 1) };
  if (group > 1) {
    const parts = Array.from({ length: 1 + random.integer(3) }, () => nearly(levels - 1));
    return { [group === 2 ? 'and' : 'or']: parts };
  }
  if (random.integer(3) > 0) return pick(good);
  const operand = (): unknown =>
    pick([pick(scalars), 7, 'a', { context: pick(fields), ...(random.integer(3) === 0 && { times: 2 }) }, ['a', 7]]);
  const operators = Array.from({ length: 1 + random.integer(2) }, () => [pick(names.slice(4, 11)), operand()]);
  return { field: pick(fields), ...Object.fromEntries(operators) } as unknown;
}

const attributes = [
  null,
  7,
  'a',
  ['a', [7, {}]],
  { b: [true, { b: 1 }] },
  JSON.parse('{"__proto__":{"b":7}}') as unknown,
];

const item = (): CatalogueItem => ({
  itemId: pick(['a', 'b']),
  title: pick([null, 'a', '']),
  url: null,
  imageUrl: null,
  price: pick([null, 0, 7, 1e308]),
  currency: pick([null, 'EUR']),
  categories: pick([[], ['a'], ['a', 'b']]),
  available: true,
  availableFrom: pick([null, 0]),
  availableUntil: null,
  attributes: { a: pick(attributes) },
});

test('whatever comes is a filter that gives an answer about every item, or is refused with its place', () => {
  let taken = 0;
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const plain = round % 2 === 0 ? nearly(3) : anything(4);
    try {
      const filter = parseFilter(plain);
      taken += 1;
      const text = JSON.stringify(filter);
      expect(JSON.stringify(parseFilter(JSON.parse(text)))).toBe(text);
      const test = compileFilter(filter, contextValues(filter, pick([undefined, item()])));
      const inverse = compileFilter({ not: filter }, contextValues(filter, undefined));
      for (const each of [item(), item()])
        expect([typeof test(each), typeof inverse(each)]).toEqual(['boolean', 'boolean']);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      refused += 1;
      expect(error.code).toBe('invalid_filter');
      expect(error.facts.field).toMatch(/^filter/);
      expect(error.message.length).toBeLessThan(1_000);
    }
  }
  expect(taken).toBeGreaterThan(1_000);
  expect(refused).toBeGreaterThan(1_000);
});
