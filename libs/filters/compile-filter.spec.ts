import { describe, expect, it } from 'vitest';
import type { CatalogueItem } from '#catalog';
import { bareItem } from '../../test/support/bare-item.js';
import { compileFilter, contextValues } from './compile-filter.js';
import { parseFilter } from './parse-filter.js';

const kettle: CatalogueItem = {
  ...bareItem,
  itemId: 'kettle',
  title: 'Blue kettle',
  price: 20,
  currency: 'EUR',
  categories: ['Kitchen', 'Kettles'],
  availableFrom: Date.UTC(2026, 0, 31),
  attributes: {
    brand: 'Acme',
    litres: 1.7,
    size: { cm: 30 },
    tags: ['new', ['loud', 7]],
    variants: [{ colour: 'blue' }, { colour: 'red', stock: 0 }],
    nothing: null,
    empty: '',
  },
};

function fits(filter: object, item = kettle, current?: CatalogueItem): boolean {
  const parsed = parseFilter(filter);
  return compileFilter(parsed, contextValues(parsed, current))(item);
}

describe('a comparison', () => {
  it.each<[object, boolean]>([
    [{ field: 'price', eq: 20 }, true],
    [{ field: 'price', eq: 20.5 }, false],
    [{ field: 'price', gt: 20 }, false],
    [{ field: 'price', gte: 20 }, true],
    [{ field: 'price', lt: 20 }, false],
    [{ field: 'price', lte: 20 }, true],
    [{ field: 'price', gt: 10, lt: 21 }, true],
    [{ field: 'price', gt: 10, lt: 15 }, false],
    [{ field: 'price', in: [1, 20] }, true],
    [{ field: 'price', in: [] }, false],
    [{ field: 'itemId', eq: 'kettle' }, true],
    [{ field: 'available', eq: true }, true],
    [{ field: 'available', eq: false }, false],
    [{ field: 'categories', eq: 'Kettles' }, true],
    [{ field: 'categories', eq: 'kettles' }, false],
    [{ field: 'categories', in: ['Garden', 'Kitchen'] }, true],
    [{ field: 'categories', in: ['Garden'] }, false],
    [{ field: 'availableFrom', lte: '2026-01-31T01:00:00+01:00' }, true],
    [{ field: 'availableFrom', lt: '2026-01-31T01:00:00+01:00' }, false],
    [{ field: 'availableFrom', in: ['2026-01-31T00:00:00Z'] }, true],
    [{ field: 'attributes.brand', eq: 'Acme' }, true],
    [{ field: 'attributes.litres', gt: 1.5 }, true],
    [{ field: 'attributes.litres', eq: '1.7' }, false],
    [{ field: 'attributes.brand', gt: 1 }, false],
    [{ field: 'attributes.brand', gt: 'Aaa', lt: 'B' }, true],
    [{ field: 'attributes.size.cm', lte: 30 }, true],
    [{ field: 'attributes.size', eq: 30 }, false],
    [{ field: 'attributes.tags', eq: 'new' }, true],
    [{ field: 'attributes.tags', eq: 7 }, true],
    [{ field: 'attributes.variants.colour', eq: 'red' }, true],
    [{ field: 'attributes.variants.stock', lt: 1 }, true],
    [{ field: 'attributes.constructor', exists: true }, false],
    [{ field: 'attributes.brand.length', exists: true }, false],
    [{ field: 'attributes.tags.length', exists: true }, false],
    [{ field: 'attributes.nothing', exists: true }, false],
    [{ field: 'attributes.empty', exists: true }, true],
    [{ field: 'attributes.brand', exists: false }, false],
    [{ field: 'title', exists: true }, true],
    [{ field: 'url', exists: true }, false],
  ])('%j of a kettle: %s', (filter, expected) => {
    expect(fits(filter)).toBe(expected);
  });

  it('wants all operators to hold for one entry of a list', () => {
    const item = { ...bareItem, attributes: { sizes: [1, 9] } };
    expect(fits({ field: 'attributes.sizes', gt: 2, lt: 8 }, item)).toBe(false);
    expect(fits({ field: 'attributes.sizes', gt: 2, lt: 10 }, item)).toBe(true);
  });

  it('with a missing value fits nothing but exists', () => {
    for (const operator of ['eq', 'gt', 'gte', 'lt', 'lte']) {
      expect(fits({ field: 'price', [operator]: 0 }, bareItem), operator).toBe(false);
      expect(fits({ not: { field: 'price', [operator]: 0 } }, bareItem), operator).toBe(true);
    }
    expect(fits({ field: 'categories', in: ['a'] }, bareItem)).toBe(false);
    expect(fits({ field: 'price', exists: false }, bareItem)).toBe(true);
    expect(fits({ field: 'categories', exists: false }, bareItem)).toBe(true);
  });

  it('of lists however deep comes to an end', () => {
    const deep = JSON.parse('['.repeat(5_000) + '7' + ']'.repeat(5_000)) as unknown;
    expect(fits({ field: 'attributes.deep', eq: 7 }, { ...bareItem, attributes: { deep } })).toBe(false);
  });
});

it('and, or and not join comparisons', () => {
  const [yes, no] = [
    { field: 'price', eq: 20 },
    { field: 'price', eq: 21 },
  ];
  expect(fits({ and: [yes, yes] })).toBe(true);
  expect(fits({ and: [yes, no] })).toBe(false);
  expect(fits({ or: [no, yes] })).toBe(true);
  expect(fits({ or: [no, no] })).toBe(false);
  expect(fits({ not: no })).toBe(true);
  expect(fits({ and: [yes, { not: { or: [no, { not: yes }] } }] })).toBe(true);
});

describe('a context value', () => {
  const current = { ...kettle, itemId: 'current', price: 25, categories: ['Garden', 'Kettles'] };

  it.each<[object, boolean]>([
    [{ field: 'price', lt: { context: 'price' } }, true],
    [{ field: 'price', gte: { context: 'price' } }, false],
    [{ field: 'price', lt: { context: 'price', times: 0.8 } }, false],
    [{ field: 'price', lte: { context: 'price', times: 0.8 } }, true],
    [{ field: 'categories', eq: { context: 'categories' } }, true],
    [{ field: 'categories', in: { context: 'categories' } }, true],
    [{ field: 'categories', eq: { context: 'title' } }, false],
    [{ field: 'attributes.brand', eq: { context: 'attributes.brand' } }, true],
    [{ not: { field: 'itemId', eq: { context: 'itemId' } } }, true],
    [{ field: 'availableFrom', gte: { context: 'availableFrom' } }, true],
    [{ field: 'attributes.litres', lt: { context: 'price' } }, true],
    [{ field: 'attributes.litres', lt: { context: 'attributes.brand', times: 2 } }, false],
  ])('%j: %s', (filter, expected) => {
    expect(fits(filter, kettle, current)).toBe(expected);
  });

  it('is missing without an item, or when that has none', () => {
    for (const nobody of [undefined, bareItem]) {
      expect(fits({ field: 'price', lt: { context: 'price' } }, kettle, nobody)).toBe(false);
      expect(fits({ not: { field: 'price', lt: { context: 'price' } } }, kettle, nobody)).toBe(true);
    }
  });

  it('tells contexts apart by what the filter asks of them', () => {
    const filter = parseFilter({
      or: [
        { field: 'price', lt: { context: 'price' } },
        { not: { field: 'categories', eq: { context: 'categories' } } },
      ],
    });
    expect([...contextValues(filter, current)]).toEqual([
      ['price', [25]],
      ['categories', ['Garden', 'Kettles']],
    ]);
    expect([...contextValues(filter, undefined)]).toEqual([
      ['price', []],
      ['categories', []],
    ]);
  });
});
