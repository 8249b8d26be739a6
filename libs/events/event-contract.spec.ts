import { describe, expect, it } from 'vitest';
import { parseEvent } from './event-contract.js';

const NOW = Date.UTC(2026, 0, 31, 12);

const good = {
  eventId: 'e1',
  type: 'view',
  visitorId: 'v1',
  itemId: 'sku-1',
  occurredAt: '2026-01-31T12:30:00+01:00',
};

const rejection = (plain: unknown): string => {
  const parsed = parseEvent('shop', plain, NOW);
  return parsed.rejection ? `${parsed.rejection.code}: ${parsed.rejection.message}` : 'accepted';
};

describe('the event contract', () => {
  it('takes the least an event needs', () => {
    expect(parseEvent('shop', good, NOW).value).toEqual({
      store: 'shop',
      eventId: 'e1',
      type: 'view',
      visitorId: 'v1',
      items: [{ itemId: 'sku-1' }],
      occurredAt: Date.UTC(2026, 0, 31, 11, 30),
    });
  });

  it('takes all that an event can have, null being absent', () => {
    const { eventId, visitorId, occurredAt } = good;
    const full = {
      eventId,
      visitorId,
      occurredAt,
      type: 'purchase',
      userId: 'u',
      sessionId: 's',
      items: [
        { itemId: 'a', quantity: 2, price: 9.5, position: 1 },
        { itemId: 'b', quantity: null },
      ],
      currency: 'EUR',
      orderId: 'o',
      requestId: null,
      consent: true,
    };
    expect(parseEvent('shop', full, NOW).value).toEqual({
      store: 'shop',
      eventId: 'e1',
      type: 'purchase',
      visitorId: 'v1',
      userId: 'u',
      sessionId: 's',
      items: [{ itemId: 'a', quantity: 2, price: 9.5, position: 1 }, { itemId: 'b' }],
      occurredAt: Date.UTC(2026, 0, 31, 11, 30),
      currency: 'EUR',
      orderId: 'o',
    });
  });

  it('lets a search have no item', () => {
    expect(parseEvent('shop', { ...good, type: 'search', itemId: null }, NOW).value?.items).toEqual([]);
    expect(rejection({ ...good, itemId: undefined })).toBe('invalid_field: itemId or items must be given for a view');
  });

  it.each([
    [{ itemID: 'x' }, 'unknown_field: itemID is not a known field'],
    [{ store: 'other' }, 'unknown_field: store is not a known field'],
    [{ eventId: '' }, 'invalid_field: eventId must not be empty'],
    [{ itemId: '' }, 'invalid_field: itemId must not be empty'],
    [{ itemId: 'x'.repeat(10_000) }, 'invalid_field: itemId has 10000 characters, at most 256 are allowed'],
    [{ visitorId: 'a\u0000b' }, 'invalid_field: visitorId must not contain control characters or broken Unicode'],
    [{ visitorId: 7 }, 'invalid_field: visitorId must be a text'],
    [{ type: 'look' }, 'invalid_field: type must be one of view, click,'],
    [{ currency: 'euro' }, 'invalid_field: currency must be three capital letters (ISO 4217)'],
    [{ consent: 'no' }, 'invalid_field: consent must be true or false'],
    [{ consent: false }, 'consent_withheld: consent is false: nothing of the event is stored'],
    [{ items: [{ itemId: 'a' }] }, 'invalid_field: items must not be given together with itemId'],
    [{ itemId: null, items: [] }, 'invalid_field: items must not be empty'],
    [{ itemId: null, items: [{ itemId: 'a', price: -1 }] }, 'invalid_field: items[0].price must not be negative'],
    [{ itemId: null, items: [{ itemId: 'a', colour: 'b' }] }, 'unknown_field: items[0].colour is not a known field'],
    [{ occurredAt: 1767225600 }, 'invalid_field: occurredAt must be ISO 8601 with an offset'],
    [{ occurredAt: '2026-01-31T12:30:00' }, 'invalid_field: occurredAt must be ISO 8601 with an offset'],
    [{ occurredAt: '2026-02-30T12:30:00Z' }, 'invalid_field: occurredAt must be ISO 8601 with an offset'],
    [{ occurredAt: '1999-12-31T23:59:59Z' }, 'occurred_at_out_of_range: occurredAt is before the year 2000'],
    [{ occurredAt: '2026-02-01T12:00:01Z' }, 'occurred_at_out_of_range: occurredAt is more than a day in the future'],
  ])('refuses %j', (change, expected) => {
    expect(rejection({ ...good, ...change })).toContain(expected);
  });

  it.each([null, 'text', 7, []])('refuses %j as a whole', (plain) => {
    expect(rejection(plain)).toBe('not_an_object: it must be an object');
  });

  it('takes a clock that is a day ahead', () => {
    expect(rejection({ ...good, occurredAt: '2026-02-01T12:00:00Z' })).toBe('accepted');
  });
});
