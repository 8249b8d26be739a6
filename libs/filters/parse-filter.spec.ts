import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '#domain';
import { FILTER_LIMITS } from './filter.js';
import { parseFilter } from './parse-filter.js';

/** The message of the refusal; its place is in the facts too. */
function refusal(plain: unknown): string {
  try {
    return `accepted ${JSON.stringify(parseFilter(plain))}`;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    expect(error.code).toBe('invalid_filter');
    const { field } = error.facts;
    expect(error.message.startsWith(`${String(field)} `), error.message).toBe(true);
    return error.message;
  }
}

const price = { field: 'price', lt: 20 };
const nested = (levels: number): object => (levels === 0 ? price : { not: nested(levels - 1) });

describe('a good filter', () => {
  it.each([
    [price],
    [{ field: 'price', gte: 10, lt: 20 }],
    [{ field: 'price', lt: { context: 'price' } }],
    [{ field: 'price', lt: { context: 'price', times: 0.8 } }],
    [{ field: 'attributes.size.litres', eq: { context: 'price' } }],
    [{ field: 'categories', in: { context: 'categories' } }],
    [{ field: 'availableUntil', lt: '2026-01-31T12:30:00+01:00' }],
    [{ field: 'availableUntil', gt: { context: 'availableFrom' } }],
    [{ field: 'available', eq: false }],
    [{ field: 'attributes.colour', in: ['blue', 7, true] }],
    [{ field: 'attributes.colour', gt: 'a' }],
    [{ field: 'title', exists: false }],
    [{ field: 'itemId', in: [] }],
    [{ and: [price, { or: [price, { not: price }] }] }],
    [nested(FILTER_LIMITS.depth)],
    [{ or: Array(FILTER_LIMITS.conditions).fill(price) }],
    [{ field: 'itemId', in: Array.from({ length: FILTER_LIMITS.values }, (_, i) => `i${i}`) }],
  ])('%j is taken', (filter) => {
    expect(refusal(filter)).toMatch(/^accepted/);
  });

  it('has one form, however it was written', () => {
    const one = parseFilter({
      and: [
        { lt: 20, gte: 10, field: 'price' },
        { field: 'categories', in: ['b', 'a', 'b'] },
      ],
    });
    expect(JSON.stringify(one)).toBe(
      '{"and":[{"field":"price","gte":10,"lt":20},{"field":"categories","in":["a","b"]}]}',
    );
    expect(parseFilter(one)).toEqual(one);
  });
});

describe('a malformed filter is refused, and its place is named', () => {
  const list = 'eq, in, gt, gte, lt, lte, exists';
  it.each<[unknown, string]>([
    [7, 'filter must be an object such as {"field":"price","lt":20}'],
    [[], 'filter must be an object'],
    [null, 'filter must be an object'],
    [{}, 'filter must have and, or, not, or a field, as in'],
    [{ price: { lt: 20 } }, 'filter must have and, or, not, or a field, as in'],
    [{ and: [price, { field: 'price', lt: '20' }] }, 'filter.and[1].lt must be a number'],
    [{ not: { or: [{ field: 'price', lt: [20] }] } }, 'filter.not.or[0].lt must be a number'],
    [{ field: 'price', eq: null }, 'filter.eq must be a number'],
    [{ field: 'price', eq: Infinity }, 'filter.eq must be a number'],
    [{ and: [] }, 'filter.and must be a list of at least one filter'],
    [{ or: price }, 'filter.or must be a list of at least one filter'],
    [{ not: [price] }, 'filter.not must be an object'],
    [{ and: [price], or: [price] }, 'filter.or must not stand beside and'],
    [{ and: [price], field: 'price' }, 'filter.field must not stand beside and'],
    [{ field: 7 }, 'filter.field must be a text: itemId, title'],
    [{ field: 'colour', eq: 'blue' }, 'filter.field must be one of itemId, title'],
    [{ field: 'attributes', exists: true }, 'filter.field must be one of'],
    [{ field: 'attributes.', exists: true }, 'filter.field must be one of'],
    [{ field: 'attributes..a', exists: true }, 'filter.field must be one of'],
    [{ field: 'price.a', exists: true }, 'filter.field must be one of'],
    [{ field: 'constructor', exists: true }, 'filter.field must be one of'],
    [{ field: 'updatedAt', exists: true }, 'filter.field must be one of'],
    [{ field: `attributes.${'x'.repeat(10_000)}`, exists: true }, 'filter.field must be one of'],
    [{ field: 'price' }, `filter must compare price, with one of ${list}`],
    [{ field: 'price', below: 20 }, `filter.below is not known: an operator is one of ${list}`],
    [JSON.parse('{"field":"price","__proto__":1}'), 'filter.__proto__ is not known'],
    [{ field: 'price', constructor: 1 }, 'filter.constructor is not known'],
    [{ field: 'price', ['x'.repeat(10_000)]: 1 }, `filter.${'x'.repeat(50)}… is not known`],
    [{ field: 'price', exists: 1 }, 'filter.exists must be true or false'],
    [{ field: 'price', exists: true, lt: 20 }, 'filter.exists must not stand beside another operator'],
    [{ field: 'title', lt: 'a' }, 'filter.lt must not be here: only price'],
    [{ field: 'available', gt: false }, 'filter.gt must not be here: only price'],
    [{ field: 'available', eq: 'true' }, 'filter.eq must be true or false'],
    [{ field: 'title', eq: 7 }, 'filter.eq must be a text'],
    [{ field: 'title', eq: 'x'.repeat(1_001) }, 'filter.eq must have at most 1000 characters, not 1001'],
    [{ field: 'availableFrom', lt: '2026-01-31' }, 'filter.lt must be ISO 8601 with an offset'],
    [{ field: 'attributes.a', eq: null }, 'filter.eq must be a text, a number, or true or false'],
    [{ field: 'attributes.a', lt: true }, 'filter.lt must be a number or a text'],
    [{ field: 'categories', in: 'a' }, 'filter.in must be a list of values'],
    [{ field: 'categories', in: ['a', 7] }, 'filter.in[1] must be a text'],
    [{ field: 'itemId', in: Array(1_001).fill('a') }, 'filter.in must have at most 1000 values, not 1001'],
    [{ field: 'price', lt: {} }, 'filter.lt.context must be a text'],
    [{ field: 'price', lt: { context: 'cost' } }, 'filter.lt.context must be one of'],
    [{ field: 'price', lt: { context: 'title' } }, 'filter.lt.context must be a field with values of the same kind'],
    [{ field: 'attributes.a', lt: { context: 'availableFrom' } }, 'filter.lt.context must be a field with values of'],
    [{ field: 'price', lt: { context: 'price', plus: 1 } }, 'filter.lt.plus is not known'],
    [{ field: 'price', lt: { context: 'price', times: '2' } }, 'filter.lt.times must be a number'],
    [{ field: 'title', eq: { context: 'title', times: 2 } }, 'filter.eq.times must not be here'],
    [{ field: 'price', in: { context: 'price', times: 2 } }, 'filter.in.times must not be here'],
    [{ field: 'price', exists: { context: 'price' } }, 'filter.exists must be true or false'],
    [nested(FILTER_LIMITS.depth + 1), 'filter.not.not.not.not.not is nested deeper than 5 levels'],
    [{ and: Array(FILTER_LIMITS.conditions + 1).fill(price) }, 'filter must have at most 50 comparisons'],
  ])('%j', (filter, expected) => {
    expect(refusal(filter).slice(0, expected.length)).toBe(expected);
  });

  it('under whatever name it came', () => {
    expect(() => parseFilter({ and: [{}] }, 'rules[2].filter')).toThrow('rules[2].filter.and[0] must have');
  });
});
