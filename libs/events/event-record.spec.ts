import { describe, expect, it } from 'vitest';
import { Random, type ShopEvent } from '#domain';
import { parseEvent } from './event-contract.js';
import { parseRecord, toRecordValue } from './event-record.js';

const NOW = Date.UTC(2026, 0, 31, 12);
const MEBIBYTE = 1024 * 1024;

const good = { eventId: 'e1', type: 'view', visitorId: 'v1', itemId: 'sku-1', occurredAt: '2026-01-31T11:30:00Z' };
const stored: ShopEvent = {
  store: 'default',
  eventId: 'e1',
  type: 'view',
  visitorId: 'v1',
  items: [{ itemId: 'sku-1' }],
  occurredAt: Date.UTC(2026, 0, 31, 11, 30),
};

const parse = (value: Buffer | string | null): ReturnType<typeof parseRecord> =>
  parseRecord(
    { value: typeof value === 'string' ? Buffer.from(value) : value, headers: {} },
    (store) => ['default', 'shoes'].includes(store),
    NOW,
  );

const rejection = (value: Buffer | string | null): string => {
  const parsed = parse(value);
  return parsed.rejection ? `${parsed.rejection.code}: ${parsed.rejection.message}` : 'accepted';
};

describe('a record of the event contract', () => {
  it('is of the store that it names, or of the default one', () => {
    expect(parse(JSON.stringify(good)).value).toEqual(stored);
    expect(parse(JSON.stringify({ ...good, store: null })).value).toEqual(stored);
    expect(parse(JSON.stringify({ ...good, store: 'shoes' })).value).toEqual({ ...stored, store: 'shoes' });
  });

  it('may have headers of other programs, and a byte order mark', () => {
    const headers = { 'content-type': Buffer.from('application/json'), traceparent: Buffer.from([0xff]) };
    const value = Buffer.from(`\uFEFF${JSON.stringify(good)}`);
    expect(parseRecord({ value, headers }, () => true, NOW).value).toEqual(stored);
  });

  it('may have a value of 1 MiB', () => {
    const text = JSON.stringify(good);
    expect(parse(text + ' '.repeat(MEBIBYTE - text.length)).value).toEqual(stored);
    expect(rejection(text + ' '.repeat(MEBIBYTE - text.length + 1))).toBe(
      'value_too_large: the value has 1048577 bytes, at most 1048576 are allowed',
    );
  });

  it.each([
    [null, 'null_value: the record has no value; it must be an event as JSON'],
    ['', 'not_json: the value is not JSON: Unexpected end of JSON input'],
    [JSON.stringify(good).slice(0, -1), 'not_json: the value is not JSON: '],
    ['eventId=e1', 'not_json: the value is not JSON: '],
    [`\uFEFF\uFEFF${JSON.stringify(good)}`, 'not_json: the value is not JSON: '],
    [Buffer.from('{"eventId":"é"}', 'latin1'), 'not_utf8: the value is not UTF-8; it must be JSON in UTF-8'],
    [Buffer.from(JSON.stringify(good), 'utf16le'), 'not_json: the value is not JSON: '],
    ['null', 'not_an_object: it must be an object'],
    [JSON.stringify([good]), 'not_an_object: it must be an object'],
    [JSON.stringify({ ...good, visitorId: 7 }), 'invalid_field: visitorId must be a text'],
    [JSON.stringify({ ...good, sku: 'a' }), 'unknown_field: sku is not a known field'],
    [JSON.stringify({ ...good, store: '' }), 'invalid_field: store must not be empty'],
    [JSON.stringify({ ...good, store: 7 }), 'invalid_field: store must be a text'],
    [JSON.stringify({ ...good, consent: false }), 'consent_withheld: consent is false'],
    [JSON.stringify({ ...good, consent: false, sku: 'a' }), 'consent_withheld: consent is false'],
    [JSON.stringify({ ...good, consent: 'no' }), 'consent_withheld: consent must be true or false'],
    [JSON.stringify({ specversion: '2', ...good, consent: false }), 'consent_withheld: consent is false'],
    [JSON.stringify({ specversion: '2', data: { ...good, consent: false } }), 'consent_withheld: consent is false'],
    [JSON.stringify({ specversion: '2', data: good }), 'cloudevent_invalid: '],
    [JSON.stringify({ ...good, occurredAt: '1999-01-01T00:00:00Z' }), 'occurred_at_out_of_range: occurredAt is before'],
  ])('is refused as %j', (value, expected) => {
    expect(rejection(value).startsWith(expected), rejection(value)).toBe(true);
  });

  it('tells how to make a store that nobody made, with a command that is safe to paste', () => {
    expect(rejection(JSON.stringify({ ...good, store: 'bags' }))).toBe(
      'unknown_store: there is no store bags. If the name is right, make a key for it: ' +
        'npm run nextpick -- keys create --kind public --store bags, then: npm run nextpick -- dead-letters replay',
    );
    expect(rejection(JSON.stringify({ ...good, store: "a'$(reboot)" }))).toContain(
      "keys create --kind public --store 'a'\\''$(reboot)', then",
    );
  });

  it('is refused whatever the bytes, and never throws', () => {
    const random = new Random(3);
    const full = {
      ...good,
      itemId: null,
      items: [{ itemId: 'ä😀', quantity: 2, price: 1.5 }],
      store: 'shoes',
      userId: null,
    };
    const valid = Buffer.from(JSON.stringify(full));
    const codes = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const length = random.integer(i % 2 === 0 ? valid.length : 60);
      const value = i % 2 === 0 ? Buffer.from(valid) : Buffer.from(Array.from({ length }, () => random.integer(256)));
      for (let changes = random.integer(4); i % 2 === 0 && changes > 0; changes--) {
        value[random.integer(value.length)] = random.integer(random.integer(4) === 0 ? 256 : 128);
      }
      const parsed = parse(random.integer(4) === 0 ? value.subarray(0, length) : value);
      if (parsed.rejection) expect(parsed.rejection.message).not.toBe('');
      else expect(parseEvent(parsed.value.store, plainOf(parsed.value), NOW).value).toEqual(parsed.value);
      codes.add(parsed.rejection?.code ?? 'accepted');
    }
    expect([...codes]).toEqual(
      expect.arrayContaining(['accepted', 'not_utf8', 'not_json', 'unknown_field', 'invalid_field', 'unknown_store']),
    );
  });

  it.each([
    ['[', ']'],
    ['{"items":', '}'],
    ['{"itemId":null,"items":[', ']}'],
    ['{"specversion":', '}'],
    ['{"items":[{"itemId":', '}]}'],
  ])('is refused when it is nested as deep as 1 MiB allows: %s', (opening, closing) => {
    const depth = Math.floor((MEBIBYTE - 1) / (opening.length + closing.length));
    expect(parse(`${opening.repeat(depth)}0${closing.repeat(depth)}`).rejection).toBeDefined();
    const inner = (MEBIBYTE - 1 - opening.length - closing.length) >> 1;
    expect(parse(`${opening}${'['.repeat(inner)}${']'.repeat(inner)}${closing}`).rejection).toBeDefined();
  });
});

describe('toRecordValue', () => {
  it('is read back as the same event, of the store that is given', () => {
    const event = { ...good, itemId: null, items: [{ itemId: 'ä"\\', quantity: 2 }], currency: 'EUR' };
    const expected = parseEvent('shoes', event, NOW).value;
    expect(expected).toBeDefined();
    expect(parse(toRecordValue('shoes', event)).value).toEqual(expected);
    expect(parse(toRecordValue('shoes', { ...event, store: 'other' })).value).toEqual(expected);
  });
});

/** An event of the domain as the contract's JSON. */
function plainOf({ occurredAt, items, ...rest }: ShopEvent): object {
  const plain = { ...rest, ...(items.length > 0 && { items }), occurredAt: new Date(occurredAt).toISOString() };
  return Object.fromEntries(Object.entries(plain).filter(([field]) => field !== 'store'));
}
