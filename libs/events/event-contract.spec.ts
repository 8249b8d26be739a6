import { inspect } from 'node:util';
import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { checkContract } from '#platform';
import { simulateShop } from '#simulator';
import { parseEvent } from './event-contract.js';
import { EventDto, EventItemDto } from './event.dto.js';

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
    [{ consent: 'no' }, 'consent_withheld: consent must be true or false: nothing of the event is stored'],
    [
      { consent: false, itemID: 'x', type: 'look' },
      'consent_withheld: consent is false: nothing of the event is stored',
    ],
    [{ consent: false }, 'consent_withheld: consent is false: nothing of the event is stored'],
    [{ items: [{ itemId: 'a' }] }, 'invalid_field: items must not be given together with itemId'],
    [{ itemId: null, items: [] }, 'invalid_field: items must not be empty'],
    [{ itemId: null, items: [{ itemId: 'a', price: -1 }] }, 'invalid_field: items[0].price must not be negative'],
    [{ itemId: null, items: [{ itemId: 'a', colour: 'b' }] }, 'unknown_field: items[0].colour is not a known field'],
    [{ itemId: null, items: [[]] }, 'invalid_field: items[0] must be a list of objects'],
    [{ itemId: null, items: { constructor: null } }, 'invalid_field: items must have at most 1000 entries; items must'],
    [{ itemId: null, items: Array(1001).fill({ itemId: 'a' }) }, 'invalid_field: items must have at most 1000 entries'],
    [{ itemId: null, items: Array(100_000).fill(0) }, 'invalid_field: items must have at most 1000 entries'],
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

describe('the check of an event', () => {
  const odd: readonly unknown[] = [
    ...[undefined, null, true, false, 0, -1, 1.5, 1e300, '', 'text', 'x'.repeat(257), 'a\nb', '\ud800', 'EUR', 'euro'],
    ...[{}, [], [null], [7], [{}], [{ itemId: 'a', quantity: 0 }], [{ itemId: 'a' }, { itemId: 'b', price: '1' }]],
    ...[[{ itemId: 'a', quantity: 1, price: 0, position: 3 }], Array(1001).fill({ itemId: 'a' }), { itemId: 'a' }],
    ...['2026-02-29T00:00:00Z', '2026-02-28T00:00:00Z', '2026-01-31', 'purchase', new Date(0)],
  ];

  /** class-validator alone. */
  function isGood(plain: Readonly<Record<string, unknown>>): boolean {
    const items = Array.isArray(plain.items)
      ? plain.items.map((item: unknown) =>
          typeof item === 'object' && item !== null ? Object.assign(new EventItemDto(), item) : item,
        )
      : plain.items;
    return validateSync(Object.assign(new EventDto(), plain, { items })).length === 0;
  }

  it('comes to the verdict of class-validator, whatever is wrong', () => {
    const random = new Random(5);
    const shop = simulateShop({ seed: 5, items: 50, views: 6000, until: NOW });
    const fields = [
      ...Object.keys(good),
      'userId',
      'sessionId',
      'items',
      'currency',
      'orderId',
      'requestId',
      'consent',
    ];
    const verdicts = { good: 0, bad: 0 };
    for (const event of shop.events()) {
      const plain: Record<string, unknown> = { ...event };
      for (let changes = random.integer(3); changes > 0; changes--) {
        const field = fields[random.integer(fields.length)] ?? '';
        if (random.integer(4) === 0) plain[field] = undefined;
        else plain[field] = odd[random.integer(odd.length)];
      }
      const expected = isGood(plain);
      const { value } = checkContract(EventDto, plain, { items: EventItemDto });
      expect(value !== undefined, inspect(plain)).toBe(expected);
      verdicts[expected ? 'good' : 'bad'] += 1;
    }
    expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(2000);
  });
});
