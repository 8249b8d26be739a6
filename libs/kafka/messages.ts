import { Partitioners, type ICustomPartitioner, type IHeaders, type KafkaMessage, type Message } from 'kafkajs';
import type { OutgoingRecord, StreamRecord } from './stream.js';

const NO_HEADERS: Readonly<Record<string, never>> = {};

export function toStreamRecord({ offset, key, value, headers }: KafkaMessage): StreamRecord {
  return { offset: Number(offset), key, value, headers: toHeaders(headers) };
}

function toHeaders(headers: IHeaders | undefined): Readonly<Record<string, Buffer>> {
  const entries = Object.entries<IHeaders[string]>(headers ?? NO_HEADERS);
  if (entries.length === 0) return NO_HEADERS;
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return [name, Buffer.from(last ?? '')];
    }),
  );
}

function toMessage({ key, value, headers, partition }: OutgoingRecord): Message {
  return { key, value, ...(headers && { headers }), ...(partition !== undefined && { partition }) };
}

/** What goes into one request. kafkajs takes time with the square of the number of a partition's records. */
const RECORDS_PER_REQUEST = 1000;
const BYTES_PER_REQUEST = 512 * 1024;

/** Divides records among requests, in their order; a record that is too large for one has one for itself. */
export function* requestsOf(records: readonly OutgoingRecord[]): Generator<Message[]> {
  let messages: Message[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (messages.length === RECORDS_PER_REQUEST || (messages.length > 0 && bytes + size > BYTES_PER_REQUEST)) {
      yield messages;
      messages = [];
      bytes = 0;
    }
    messages.push(toMessage(record));
    bytes += size;
  }
  if (messages.length > 0) yield messages;
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let size = Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  for (const [name, header] of Object.entries(headers ?? {})) size += name.length + Buffer.byteLength(header);
  return size;
}

/**
 * The partitioner of Kafka's Java client. It is asked again when a request is tried again, and would then put a record without a key into
 * another partition, beside what the first try may have written.
 */
export const partitionOnce: ICustomPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner();
  const chosen = new WeakMap<Message, number>();
  return (partitioned) => {
    const partition = chosen.get(partitioned.message) ?? choose(partitioned);
    chosen.set(partitioned.message, partition);
    return partition;
  };
};
