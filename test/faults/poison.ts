import type { Random } from '#domain';
import type { PlannedRecord } from './planned-record.js';

const MEBIBYTE = 1024 * 1024;

/** An event that would be taken if nothing were wrong with it. */
const sound = { type: 'view', visitorId: 'visitor-poison', itemId: 'item-1', occurredAt: '2024-03-05T10:00:00Z' };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

interface Poison {
  readonly code: string;
  readonly value: (eventId: string, random: Random) => Buffer | null;
  /** How many in a row. */
  readonly burst?: number;
}

const KINDS: readonly Poison[] = [
  { code: 'not_json', value: (eventId) => Buffer.from(`{"eventId":"${eventId}","type":"view",`) },
  { code: 'not_json', value: () => Buffer.alloc(0) },
  { code: 'null_value', value: () => null, burst: 2 },
  { code: 'not_utf8', value: (eventId) => Buffer.from(`{"eventId":"${eventId}","visitorId":"caf\xe9"}`, 'latin1') },
  { code: 'not_utf8', value: () => Buffer.from([0x00, 0xff, 0xfe, 0x0a, 0x5c, 0x80]) },
  { code: 'unknown_store', value: (eventId) => json({ ...sound, eventId, store: 'no-such-shop' }) },
  { code: 'not_an_object', value: (eventId) => json([eventId]) },
  { code: 'unknown_field', value: (eventId) => json({ ...sound, eventId, colour: 'green' }) },
  { code: 'invalid_field', value: (eventId) => json({ ...sound, eventId, type: 'glance' }) },
  { code: 'invalid_field', value: (eventId) => json({ ...sound, eventId, visitorId: 7 }) },
  { code: 'invalid_field', value: () => json(sound) },
  { code: 'invalid_field', value: (eventId) => json({ ...sound, eventId, occurredAt: 'yesterday' }) },
  { code: 'invalid_field', value: (eventId) => json({ ...sound, eventId, itemId: undefined }) },
  {
    code: 'occurred_at_out_of_range',
    value: (eventId) => json({ ...sound, eventId, occurredAt: '1999-12-31T23:59:59Z' }),
  },
  {
    code: 'value_too_large',
    // Not compressible, and several after each other: together they are more than a request may hold.
    value: (eventId, random) =>
      json({ ...sound, eventId, itemId: noise(random, MEBIBYTE + random.integer(MEBIBYTE / 4)) }),
    burst: 3,
  },
];

/** After so many indices every kind of poison was there. */
export const POISON_KINDS = KINDS.length;

/** Records that are no events, of the kind whose turn it is. */
export function planPoison(random: Random, index: number, visitorId: string): PlannedRecord[] {
  const { code, value, burst = 1 } = KINDS[index % KINDS.length] as Poison;
  return Array.from({ length: burst }, (_, number) => ({
    key: keyOf(random, visitorId),
    value: value(`poison-${index}-${number}`, random),
    // So that no two records are the same, and headers are seen to stay.
    headers: { 'sent-as': `poison-${index}-${number}` },
    meaning: { code },
  }));
}

/** Most have the key of a visitor, in the middle of whose events they stand; some none, or one that is no text. */
function keyOf(random: Random, visitorId: string): string | Buffer | null {
  const kind = random.uniform();
  if (kind < 0.1) return null;
  return kind < 0.2 ? Buffer.from([0xff, random.integer(256), 0x09, 0x0a]) : visitorId;
}

function noise(random: Random, length: number): string {
  const bytes = new Uint32Array(Math.ceil((length * 3) / 16));
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = random.bits();
  return Buffer.from(bytes.buffer).toString('base64').slice(0, length);
}
