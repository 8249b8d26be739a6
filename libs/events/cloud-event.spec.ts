import { CloudEvent, Kafka } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { parseRecord } from './event-record.js';

const NOW = Date.UTC(2026, 0, 31, 12);

type Headers = Readonly<Record<string, string | Buffer>>;

const parse = (headers: Headers, value: unknown): ReturnType<typeof parseRecord> => {
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text as string)] as const);
  const json = typeof value === 'string' || value === null || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  const record = { value: json === null ? null : Buffer.from(json as string), headers: Object.fromEntries(bytes) };
  return parseRecord(record, (store) => ['default', 'shoes'].includes(store), NOW);
};

const rejection = (headers: Headers, value: unknown): string => {
  const parsed = parse(headers, value);
  return parsed.rejection ? `${parsed.rejection.code}: ${parsed.rejection.message}` : 'accepted';
};

const without = (name: string, headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter((entry) => entry[0] !== name));

/** The example of the Kafka binding, 3.2.5, with a type of ours and JSON. */
const binary = {
  ce_specversion: '1.0',
  ce_type: 'com.example.view',
  ce_source: '/mycontext/subcontext',
  ce_id: '1234-1234-1234',
  ce_time: '2018-04-05T03:56:24Z',
  'content-type': 'application/json',
};
/** That of 3.3.4. */
const structured = {
  specversion: '1.0',
  type: 'com.example.view',
  source: '/mycontext/subcontext',
  id: '1234-1234-1234',
  time: '2018-04-05T03:56:24Z',
  datacontenttype: 'application/json',
};
const structuredHeaders = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
const data = { visitorId: 'v1', itemId: 'sku-1' };
const stored = {
  store: 'default',
  eventId: '/mycontext/subcontext 1234-1234-1234',
  type: 'view',
  visitorId: 'v1',
  items: [{ itemId: 'sku-1' }],
  occurredAt: Date.UTC(2018, 3, 5, 3, 56, 24),
};

describe('a CloudEvent in binary mode', () => {
  it('gives what its data leaves out', () => {
    expect(parse(binary, data).value).toEqual(stored);
    expect(parse({ ...binary, ce_store: 'shoes', ce_subject: 'x' }, data).value).toEqual({ ...stored, store: 'shoes' });
    expect(parse({ ...binary, ce_type: 'purchase' }, data).value).toEqual({ ...stored, type: 'purchase' });
  });

  it('gives way to its data', () => {
    const whole = { ...data, eventId: 'e1', type: 'click', occurredAt: '2026-01-31T11:30:00Z', store: 'shoes' };
    const headers = { ...binary, ce_type: 'com.example.clicked.v2', ce_store: 'other' };
    expect(parse(without('ce_time', headers), whole).value).toEqual({
      ...stored,
      store: 'shoes',
      eventId: 'e1',
      type: 'click',
      occurredAt: Date.UTC(2026, 0, 31, 11, 30),
    });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'text/json', 'application/vnd.shop+json'])(
    'may have data of the type %s',
    (type) => {
      expect(parse({ ...binary, 'content-type': type }, data).value).toEqual(stored);
    },
  );

  it('may say nothing about the type of its data', () => {
    const headers = without('content-type', binary);
    expect(parse(headers, data).value).toEqual(stored);
    expect(rejection({ ...headers, ce_datacontenttype: 'text/xml' }, '<a/>')).toContain(
      'is "text/xml"; it must be JSON',
    );
  });

  it.each([
    [{ ce_specversion: '0.3' }, 'header ce_specversion is "0.3"; it must be "1.0"'],
    [{ ce_specversion: undefined }, 'header ce_specversion is missing or no text; it must be "1.0"'],
    [{ ce_id: undefined }, 'header ce_id must be a text that is not empty'],
    [{ ce_id: '' }, 'header ce_id must be a text that is not empty'],
    [{ ce_id: 'a\nb' }, 'header ce_id must be a text that is not empty, without control characters'],
    [{ ce_id: Buffer.from([0xff]) }, 'header ce_id is not UTF-8'],
    [{ ce_source: undefined }, 'header ce_source must be a URI'],
    [{ ce_source: 'my shop' }, 'header ce_source must be a URI or a part of one, without spaces'],
    [{ ce_type: '' }, 'header ce_type must be a text'],
    [{ ce_type: 'com.example.view.v2' }, 'type is "com.example.view.v2"; it must end in one of view, click,'],
    [{ ce_time: 'yesterday' }, 'header ce_time must be a time by RFC 3339'],
    [{ ce_time: '' }, 'header ce_time must be a time by RFC 3339'],
    [{ ce_time: undefined }, 'time is missing; it must be given, or data must have occurredAt'],
    [
      { 'content-type': 'application/avro' },
      'the content type of the data is "application/avro"; it must be JSON, such as application/json',
    ],
  ])('is refused with %j', (change, expected) => {
    const headers = Object.entries({ ...binary, ...change }).filter((entry) => entry[1] !== undefined);
    expect(rejection(Object.fromEntries(headers) as Headers, data)).toContain(
      `cloudevent_invalid: the record is no CloudEvent that can be read: ${expected}`,
    );
  });

  it('is refused with data that is no event', () => {
    expect(rejection(binary, null)).toContain('null_value: ');
    expect(rejection(binary, '{')).toContain('not_json: the value is not JSON');
    expect(rejection(binary, Buffer.from([0xff]))).toContain('not_utf8: the value is not UTF-8');
    expect(rejection(binary, [data])).toContain('data must be a JSON object with the fields of the event contract');
    expect(rejection(binary, { ...data, sku: 1 })).toBe('unknown_field: sku is not a known field');
    expect(rejection({ ...binary, ce_store: 'bags' }, data)).toContain('unknown_store: there is no store bags');
    expect(rejection({ ...binary, ce_time: '1999-01-01T00:00:00Z' }, data)).toContain('occurred_at_out_of_range: ');
  });
});

describe('a CloudEvent in structured mode', () => {
  it('is known by its content type, or by its specversion where there is none', () => {
    expect(parse(structuredHeaders, { ...structured, data }).value).toEqual(stored);
    expect(parse({ 'content-type': 'Application/CloudEvents+JSON' }, { ...structured, data }).value).toEqual(stored);
    expect(parse({}, { ...structured, data }).value).toEqual(stored);
    expect(parse({ ...binary, ...structuredHeaders, ce_id: 'other' }, { ...structured, data }).value).toEqual(stored);
  });

  it('may have null for what is absent, extensions, and a lower-case time', () => {
    const event = { ...structured, datacontenttype: null, subject: null, store: 'shoes', traceparent: '00-0af7', data };
    expect(parse({}, { ...event, time: '2018-04-05t03:56:24z' }).value).toEqual({ ...stored, store: 'shoes' });
  });

  it('may have its data in Base64', () => {
    const base64 = Buffer.from(JSON.stringify(data)).toString('base64');
    expect(parse({}, { ...structured, data_base64: base64 }).value).toEqual(stored);
    expect(rejection({}, { ...structured, data_base64: '?' })).toContain('data_base64 must be a text in Base64');
    expect(rejection({}, { ...structured, data_base64: 'e30=', data })).toContain('both data and data_base64');
    expect(rejection({}, { ...structured, data_base64: '/w==' })).toContain('not_utf8: data_base64 is not UTF-8');
    expect(rejection({}, { ...structured, data_base64: 'ew==' })).toContain('not_json: data_base64 is not JSON');
  });

  it.each([
    [{ specversion: '1.1' }, 'attribute specversion is "1.1"; it must be "1.0"'],
    [{ specversion: 1 }, 'attribute specversion is missing or no text; it must be "1.0"'],
    [{ id: 7 }, 'attribute id must be a text'],
    [{ id: '\ud800' }, 'attribute id must be a text'],
    [{ time: 1522900584 }, 'attribute time must be a time by RFC 3339'],
    [{ datacontenttype: 'application/xml' }, 'the content type of the data is "application/xml"; it must be JSON'],
    [{ data: '{"visitorId":"v1"}' }, 'data must be a JSON object'],
    [{ data: undefined }, 'data must be a JSON object'],
  ])('is refused with %j', (change, expected) => {
    expect(rejection(structuredHeaders, { ...structured, data, ...change })).toContain(
      `cloudevent_invalid: the record is no CloudEvent that can be read: ${expected}`,
    );
  });

  it('is refused in other formats, and when it is no object', () => {
    for (const type of [
      'application/cloudevents+avro',
      'application/cloudevents-batch+json',
      'application/cloudevents',
    ]) {
      expect(rejection({ 'content-type': type }, [{ ...structured, data }])).toContain(
        `header content-type is "${type}"; of the formats only application/cloudevents+json is read`,
      );
    }
    expect(rejection(structuredHeaders, [structured])).toContain('the value must be a JSON object');
    expect(rejection({}, { ...structured, data, store: 7 })).toBe('invalid_field: store must be a text');
  });
});

describe('the id of a CloudEvent', () => {
  const idOf = (source: string, id: string): string | undefined =>
    parse({}, { ...structured, source, id, data }).value?.eventId;

  it('is another one for another source or id, however long', () => {
    const long = 'x'.repeat(300);
    const ids = [
      idOf('/a', 'b c'),
      idOf('/a/b', 'c'),
      idOf('/a', 'b/c'),
      idOf(`/${long}`, 'a'),
      idOf(`/${long}`, 'b'),
      idOf('/', `${long}a`),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('/a b c');
    expect(ids[3]).toMatch(/^sha256:[\w-]{43}$/);
    expect(idOf(`/${long}`, 'a')).toBe(ids[3]);
  });
});

describe('what the official SDK writes', () => {
  const event = new CloudEvent({
    id: 'A234-1234',
    source: 'https://shop.example/web',
    type: 'com.example.add_to_cart',
    time: '2026-01-31T11:30:00.000Z',
    datacontenttype: 'application/json',
    store: 'shoes',
    data,
  });
  const expected = {
    store: 'shoes',
    eventId: 'https://shop.example/web A234-1234',
    type: 'add_to_cart',
    visitorId: 'v1',
    items: [{ itemId: 'sku-1' }],
    occurredAt: Date.UTC(2026, 0, 31, 11, 30),
  };

  it.each(['binary', 'structured'] as const)('is read in %s mode', (mode) => {
    const { headers, value } = Kafka[mode](event);
    const given = Object.entries(headers).filter((entry) => entry[1] !== undefined);
    expect(parse(Object.fromEntries(given) as Headers, value).value).toEqual(expected);
  });
});

describe('a broken CloudEvent', () => {
  it('is refused whatever is in it, and never throws', () => {
    const random = new Random(4);
    const odd: readonly unknown[] = [
      undefined,
      null,
      0,
      true,
      '',
      'a',
      '\u0000',
      '\ud800',
      [],
      {},
      { toString: null },
      '2026',
      'x'.repeat(300),
    ];
    const fields = [...Object.keys(structured), 'store', 'data', 'data_base64', 'constructor', '__proto__'];
    const codes = new Set<string>();
    for (let i = 0; i < 10_000; i++) {
      let event: Record<string, unknown> = { ...structured, store: 'shoes', data };
      for (let changes = random.integer(3); changes > 0; changes--) {
        const field = fields[random.integer(fields.length)] ?? '';
        const change = { [field]: odd[random.integer(odd.length)] };
        event = { ...event, ...(random.integer(4) === 0 ? { data: { ...data, ...change } } : change) };
      }
      const attributes = Object.entries(event).filter((entry) => typeof entry[1] === 'string');
      const headers = Object.fromEntries(attributes.map(([name, text]) => [`ce_${name}`, text]));
      const inBinary = i % 2 === 0 && ('ce_specversion' in headers || 'ce_id' in headers);
      const parsed = inBinary ? parse(headers as Headers, event.data ?? '') : parse({}, event);
      codes.add(parsed.rejection?.code ?? 'accepted');
      if (parsed.value) expect(parsed.value).toMatchObject({ visitorId: 'v1', occurredAt: stored.occurredAt });
    }
    expect([...codes]).toEqual(
      expect.arrayContaining(['accepted', 'cloudevent_invalid', 'invalid_field', 'unknown_field']),
    );
  });
});
