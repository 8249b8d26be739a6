import { isUtf8 } from 'node:buffer';
import { MAXIMUM_LINE_BYTES, type Parsed, type Rejection } from '#platform';
import { contentModeOf, fromBinaryMode, fromStructuredMode, isStructured, unreadableFormat } from './cloud-event.js';
import { consentFault, DEFAULT_STORE, parseStoreEvent, type ParsedEvent } from './event-contract.js';
import type { RecordContent } from './record-content.js';

/**
 * Makes an event of a record of the event topic. Its value is UTF-8 of at most 1 MiB, in one of these forms:
 * - JSON of the event contract, with `store` beside its fields where it is not `default`;
 * - CloudEvents 1.0 in binary mode (`ce_` headers; the value is the data) or structured mode, known by its `content-type`,
 *   or by its `specversion` where the producer sets no headers, as the Kafka binding allows. What the data leaves out comes
 *   from the attributes; see `fromBinaryMode`.
 *
 * A byte order mark is passed over, as RFC 8259, 8.1 allows.
 * Codes: those of `parseEvent`, `null_value`, `value_too_large`, `not_utf8`, `not_json`, `cloudevent_invalid`, `unknown_store`.
 * @param knownStore whether there is such a store: a name that nobody made is most likely misspelt
 * @param now the receiving clock, milliseconds since the epoch
 */
export function parseRecord(
  { value, headers }: Pick<RecordContent, 'value' | 'headers'>,
  knownStore: (store: string) => boolean,
  now: number,
): ParsedEvent {
  if (value === null) return rejected('null_value', 'the record has no value; it must be an event as JSON');
  if (value.length > MAXIMUM_LINE_BYTES) {
    return rejected(
      'value_too_large',
      `the value has ${value.length} bytes, at most ${MAXIMUM_LINE_BYTES} are allowed`,
    );
  }
  const plain = plainEvent(value, headers);
  if (plain.rejection) return withheldData(value) ?? plain;
  const parsed = parseStoreEvent(plain.value, now);
  return parsed.value && !knownStore(parsed.value.store) ? unknownStore(parsed.value.store) : parsed;
}

/**
 * Whose a record is, however wrong the rest of it: the visitor that it names, or else its key, in the store that it names. One that names
 * no store, or cannot be read, is of the store `default`.
 */
export function ownerOfRecord({ key, value, headers }: RecordContent): { store: string; visitorId: string } {
  const readable = value !== null && value.length <= MAXIMUM_LINE_BYTES;
  const plain = readable ? plainEvent(value, headers).value : undefined;
  const { store, visitorId } = (plain ?? {}) as { store?: unknown; visitorId?: unknown };
  return {
    store: typeof store === 'string' ? store : DEFAULT_STORE,
    visitorId: typeof visitorId === 'string' ? visitorId : (key?.toString() ?? ''),
  };
}

/**
 * The value of a record for an event of the contract, the way back of `parseRecord`.
 * @param event one that `parseEvent` takes, as it was before
 */
export function toRecordValue(store: string, event: object): string {
  return JSON.stringify({ ...event, store });
}

function plainEvent(value: Buffer, headers: RecordContent['headers']): Parsed<unknown> {
  const mode = contentModeOf(headers);
  if (mode === 'unreadable') return unreadableFormat(headers);
  if (mode === 'binary') return fromBinaryMode(headers, () => parseJson(value, 'the value'));
  const json = parseJson(value, 'the value');
  return !json.rejection && (mode === 'structured' || isStructured(json.value))
    ? fromStructuredMode(json.value, (data) => parseJson(data, 'data_base64'))
    : json;
}

/** Of an event that cannot be read as the CloudEvent that it means to be: whether its data says that there is no consent. */
function withheldData(value: Buffer): { rejection: Rejection } | undefined {
  const { value: plain } = parseJson(value, 'the value');
  return consentFault(plain) ?? consentFault((plain as { data?: unknown } | null | undefined)?.data);
}

/** @param what the bytes are, to begin the message */
function parseJson(bytes: Buffer, what: string): Parsed<unknown> {
  if (!isUtf8(bytes)) return rejected('not_utf8', `${what} is not UTF-8; it must be JSON in UTF-8`);
  const text = bytes.toString('utf8');
  try {
    return { value: JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) };
  } catch (error) {
    return rejected('not_json', `${what} is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

function unknownStore(store: string): { rejection: Rejection } {
  const name = /^[\w.-]+$/.test(store) ? store : `'${store.replaceAll("'", "'\\''")}'`;
  const commands = `npm run nextpick -- keys create --kind public --store ${name}, then: npm run nextpick -- dead-letters replay`;
  return rejected('unknown_store', `there is no store ${name}. If the name is right, make a key for it: ${commands}`);
}

const rejected = (code: string, message: string): { rejection: Rejection } => ({ rejection: { code, message } });
