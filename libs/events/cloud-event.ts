import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { EVENT_TYPES, IDENTIFIER_LENGTH } from '#domain';
import { parseInstant, type Parsed, type Rejection } from '#platform';

/*
 * CloudEvents 1.0, its JSON event format and its Kafka protocol binding: https://github.com/cloudevents/spec
 * Not read by the official SDK: that makes up an id and a time where they are missing, others each time that a record is read,
 * and fails on a structured event without a time, which the specification allows.
 */

type Headers = Readonly<Record<string, Buffer>>;

interface Attributes {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string | undefined;
  /** An extension. */
  readonly store: unknown;
}

const JSON_FORMAT = 'application/cloudevents+json';

/** In which mode the headers say that a CloudEvent is; undefined when they speak of none. */
export function contentModeOf(headers: Headers): 'binary' | 'structured' | 'unreadable' | undefined {
  const contentType = headers['content-type'];
  const type = contentType === undefined ? '' : mediaType(contentType.toString());
  if (type.startsWith('application/cloudevents')) return type === JSON_FORMAT ? 'structured' : 'unreadable';
  return (headers.ce_specversion ?? headers.ce_id) ? 'binary' : undefined;
}

/** Tells about a format other than JSON, such as Avro, Protocol Buffers or a batch. */
export function unreadableFormat(headers: Headers): Parsed<never> {
  const contentType = quote(headers['content-type']?.toString() ?? '');
  return invalid(`header content-type is ${contentType}; of the formats only ${JSON_FORMAT} is read`);
}

/** Whether JSON is a CloudEvent in structured mode: the event contract has no `specversion`. */
export const isStructured = (plain: unknown): boolean => isObject(plain) && plain.specversion !== undefined;

/**
 * The event contract's form of a CloudEvent in binary mode. What the data leaves out comes from the attributes:
 * - `eventId` is `source` and `id` with a space between them: a source has none, so no other two make the same. Where that is
 *   longer than an id may be, it is `sha256:` and the hash of it in base64url;
 * - `type` is what follows the last dot of the CloudEvents type, such as `view` in `com.example.view`;
 * - `occurredAt` is `time`, and `store` the extension attribute `store`.
 *
 * Code: `cloudevent_invalid`, and those of `readData`.
 * @param readData parses the value of the record
 */
export function fromBinaryMode(headers: Headers, readData: () => Parsed<unknown>): Parsed<unknown> {
  const names = Object.keys(headers).filter((name) => name.startsWith('ce_') || name === 'content-type');
  const broken = names.find((name) => !isUtf8(headers[name] ?? Buffer.of()));
  if (broken !== undefined) return invalid(`header ${broken} is not UTF-8`);
  const texts = names.map((name) => [name, headers[name]?.toString()] as const);
  const given = Object.fromEntries(texts.map(([name, text]) => [name.replace(/^ce_/, ''), text]));
  const datacontenttype = given['content-type'] ?? given.datacontenttype;
  const attributes = checkAttributes({ ...given, datacontenttype }, 'header ce_');
  if (attributes.rejection) return attributes;
  const data = readData();
  return data.rejection ? data : merge(attributes.value, data.value);
}

/**
 * The same in structured mode: the JSON event format, with data that is JSON too.
 * @param plain the value of the record
 * @param readData parses what `data_base64` holds
 */
export function fromStructuredMode(plain: unknown, readData: (bytes: Buffer) => Parsed<unknown>): Parsed<unknown> {
  if (!isObject(plain)) return invalid('the value must be a JSON object');
  const attributes = checkAttributes(plain, 'attribute ');
  if (attributes.rejection) return attributes;
  const base64 = plain.data_base64 ?? undefined;
  if (base64 === undefined) return merge(attributes.value, plain.data);
  if (plain.data !== undefined) return invalid('it has both data and data_base64; it must have one of them');
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    return invalid('data_base64 must be a text in Base64');
  }
  const data = readData(Buffer.from(base64, 'base64'));
  return data.rejection ? data : merge(attributes.value, data.value);
}

/** @param prefix goes before the name of an attribute in messages */
function checkAttributes(given: Readonly<Record<string, unknown>>, prefix: string): Parsed<Attributes> {
  const fault = (name: string, what: string): Parsed<Attributes> => invalid(`${prefix}${name} ${what}`);
  const { specversion, id, source, type } = given;
  if (specversion !== '1.0') {
    const found = typeof specversion === 'string' ? quote(specversion) : 'missing or no text';
    return fault('specversion', `is ${found}; it must be "1.0", other versions are not read`);
  }
  if (!isText(id)) return fault('id', NO_TEXT);
  if (!isText(type)) return fault('type', NO_TEXT);
  if (!isText(source) || /\s/.test(source)) {
    return fault('source', 'must be a URI or a part of one, without spaces, such as https://shop.example/web');
  }
  // The JSON format: null is the same as absent.
  const time = given.time ?? undefined;
  if (time !== undefined && !(isText(time) && !Number.isNaN(parseInstant(time.toUpperCase())))) {
    return fault('time', 'must be a time by RFC 3339, such as 2026-01-31T12:30:00Z');
  }
  const contentType = given.datacontenttype ?? 'application/json';
  if (!isText(contentType) || !/^(?:application|text)\/json$|\+json$/.test(mediaType(contentType))) {
    const found = isText(contentType) ? quote(contentType) : 'no text';
    return invalid(`the content type of the data is ${found}; it must be JSON, such as application/json`);
  }
  return { value: { id, source, type, time: time?.toUpperCase(), store: given.store } };
}

function merge(attributes: Attributes, data: unknown): Parsed<unknown> {
  if (!isObject(data)) return invalid('data must be a JSON object with the fields of the event contract');
  const lastPart = attributes.type.slice(attributes.type.lastIndexOf('.') + 1);
  if (data.type == null && !EVENT_TYPES.some((type) => type === lastPart)) {
    const right = `it must end in one of ${EVENT_TYPES.join(', ')}, such as com.example.view, or data must have a type`;
    return invalid(`type is ${quote(attributes.type)}; ${right}`);
  }
  if (data.occurredAt == null && attributes.time === undefined) {
    return invalid('time is missing; it must be given, or data must have occurredAt');
  }
  const value = {
    ...data,
    eventId: data.eventId ?? joinedId(attributes),
    type: data.type ?? lastPart,
    occurredAt: data.occurredAt ?? attributes.time,
    store: data.store ?? attributes.store,
  };
  return { value };
}

function joinedId({ source, id }: Attributes): string {
  const joined = `${source} ${id}`;
  if (joined.length <= IDENTIFIER_LENGTH) return joined;
  return `sha256:${createHash('sha256').update(joined).digest('base64url')}`;
}

const NO_TEXT = 'must be a text that is not empty, without control characters or broken Unicode';

/** A String of the CloudEvents type system that is not empty. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !/[\p{Cc}\p{Cs}]/u.test(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without its parameters, such as `charset`. */
const mediaType = (contentType: string): string => contentType.replace(/;.*/s, '').trim().toLowerCase();

const quote = (text: string): string => JSON.stringify(text.slice(0, 60));

const invalid = (message: string): { rejection: Rejection } => ({
  rejection: { code: 'cloudevent_invalid', message: `the record is no CloudEvent that can be read: ${message}` },
});
