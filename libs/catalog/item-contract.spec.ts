import { describe, expect, it } from 'vitest';
import { parseItem } from './item-contract.js';

const rejection = (plain: unknown): string => {
  const { rejection } = parseItem('shop', plain);
  return rejection ? `${rejection.code}: ${rejection.message}` : 'accepted';
};

describe('the item contract', () => {
  it('takes an id alone, available unless said otherwise', () => {
    expect(parseItem('shop', { itemId: 'a', title: null }).value).toEqual({
      store: 'shop',
      itemId: 'a',
      categories: [],
      available: true,
      attributes: {},
    });
  });

  it('takes all that an item can have', () => {
    const item = {
      itemId: 'a',
      title: 'Kettle',
      url: 'https://shop.example/a',
      imageUrl: 'http://localhost:8080/a.jpg',
      price: 9.5,
      currency: 'EUR',
      categories: ['Kitchen', 'Kettles'],
      available: false,
      availableFrom: '2026-01-31T08:00:00+01:00',
      availableUntil: '2026-01-31T07:00:00.001Z',
      attributes: { colour: 'blue', size: { litres: 1.7 } },
    };
    expect(parseItem('shop', item).value).toEqual({
      store: 'shop',
      ...item,
      availableFrom: Date.UTC(2026, 0, 31, 7),
      availableUntil: Date.UTC(2026, 0, 31, 7) + 1,
    });
  });

  it.each([
    [{}, 'invalid_field: itemId must be a text'],
    [{ itemId: 'a', name: 'b' }, 'unknown_field: name is not a known field'],
    [{ itemId: 'a', title: 'x\0y' }, 'invalid_field: title must not contain control characters'],
    [{ itemId: 'a', url: 'javascript:alert(1)' }, 'invalid_field: url must be a web address'],
    [{ itemId: 'a', price: 'free' }, 'invalid_field: price must not be negative; price must be a number'],
    [{ itemId: 'a', categories: ['b', 'c\u001f'] }, 'invalid_field: categories each of it must not contain control'],
    [{ itemId: 'a', attributes: ['b'] }, 'invalid_field: attributes must be an object'],
    [{ itemId: 'a', attributes: { b: '\0' } }, 'invalid_field: attributes must have at most'],
    [{ itemId: 'a', attributes: { b: 'x'.repeat(20_000) } }, 'invalid_field: attributes must have at most'],
    [{ itemId: 'a', availableFrom: 'tomorrow' }, 'invalid_field: availableFrom must be ISO 8601 with an offset'],
    [{ itemId: 'a', availableUntil: 1769846400000 }, 'invalid_field: availableUntil must be ISO 8601 with an offset'],
    [
      { itemId: 'a', availableFrom: '2026-01-31T08:00:00+01:00', availableUntil: '2026-01-31T07:00:00Z' },
      'invalid_field: availableUntil must be after availableFrom',
    ],
    [7, 'not_an_object: it must be an object'],
  ])('refuses %j', (plain, expected) => {
    expect(rejection(plain)).toContain(expected);
  });
});
