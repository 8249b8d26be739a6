import { crc32 } from 'node:zlib';
import { DomainError } from '#domain';
import { MAXIMUM_LENGTH, type SessionTable } from './session-table.js';
import { completeNeighbourSettings, type NeighbourSettings } from './settings.js';

const MAGIC = 'NPKNN';
const VERSION = '001';
const PREAMBLE_BYTES = 16;
const ALIGNMENT = 8;

interface Header extends Counts {
  readonly settings: NeighbourSettings;
}

interface Counts {
  readonly sessions: number;
  readonly itemCount: number;
  readonly steps: number;
  readonly postings: number;
}

/**
 * An index as one file. Numbers are little-endian; every section begins at a multiple of 8, with zeros before it.
 *
 *     5 bytes   "NPKNN"
 *     3 bytes   version, as ASCII digits: "001"
 *     uint32    CRC-32 of everything from byte 12 on
 *     uint32    length of the header
 *     header    JSON: {"sessions", "itemCount", "steps", "postings", "settings": NeighbourSettings}
 *     float64   [sessions] endedAt            as in SessionTable
 *     int32     [sessions + 1] offsets
 *     int32     [steps] items
 *     int32     [itemCount + 2] postingOffsets
 *     int32     [postings] postings
 */
export function encodeIndex(table: SessionTable, settings: NeighbourSettings): Uint8Array {
  const header: Header = {
    sessions: table.endedAt.length,
    itemCount: table.itemCount,
    steps: table.items.length,
    postings: table.postings.length,
    settings,
  };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const places = placeSections(headerBytes.length, header);
  const bytes = new Uint8Array(places.end);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(MAGIC + VERSION));
  view.setUint32(12, headerBytes.length, true);
  bytes.set(headerBytes, PREAMBLE_BYTES);
  for (const section of ['endedAt', 'offsets', 'items', 'postingOffsets', 'postings'] as const) {
    const { buffer, byteOffset, byteLength } = table[section];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), places[section]);
  }
  view.setUint32(8, crc32(bytes.subarray(12)), true);
  return bytes;
}

/**
 * Reads what {@link encodeIndex} wrote; the table's arrays are views of the bytes where these are aligned.
 * @throws DomainError `neighbours_unusable`
 */
export function decodeIndex(bytes: Uint8Array): { settings: NeighbourSettings; table: SessionTable } {
  const aligned = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice();
  const { header, headerLength } = readHeader(aligned);
  const places = placeSections(headerLength, header);
  if (places.end !== bytes.byteLength) throw unusable(`it has ${bytes.byteLength} bytes, not ${places.end}`);
  const int32 = (place: number, length: number): Int32Array =>
    new Int32Array(aligned.buffer, aligned.byteOffset + place, length);
  const table = {
    itemCount: header.itemCount,
    endedAt: new Float64Array(aligned.buffer, aligned.byteOffset + places.endedAt, header.sessions),
    offsets: int32(places.offsets, header.sessions + 1),
    items: int32(places.items, header.steps),
    postingOffsets: int32(places.postingOffsets, header.itemCount + 2),
    postings: int32(places.postings, header.postings),
  };
  demandRanges(table);
  return { settings: header.settings, table };
}

type Sections = Record<'endedAt' | 'offsets' | 'items' | 'postingOffsets' | 'postings' | 'end', number>;

function placeSections(headerLength: number, { sessions, itemCount, steps, postings }: Counts): Sections {
  const after = (place: number, length: number, width: number): number =>
    Math.ceil((place + length * width) / ALIGNMENT) * ALIGNMENT;
  const endedAt = after(PREAMBLE_BYTES, headerLength, 1);
  const offsets = after(endedAt, sessions, 8);
  const items = after(offsets, sessions + 1, 4);
  const postingOffsets = after(items, steps, 4);
  const postingsPlace = after(postingOffsets, itemCount + 2, 4);
  return { endedAt, offsets, items, postingOffsets, postings: postingsPlace, end: after(postingsPlace, postings, 4) };
}

function readHeader(bytes: Uint8Array): { header: Header; headerLength: number } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < PREAMBLE_BYTES || text.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw unusable(`it does not begin with ${MAGIC}`);
  const version = text.toString('latin1', MAGIC.length, 8);
  if (version !== VERSION) throw unusable(`its format is ${version}, this program reads ${VERSION}`);
  if (crc32(bytes.subarray(12)) !== text.readUInt32LE(8)) throw unusable('its checksum is wrong');
  const headerLength = text.readUInt32LE(12);
  try {
    const header = JSON.parse(text.toString('utf8', PREAMBLE_BYTES, PREAMBLE_BYTES + headerLength)) as Header;
    for (const count of ['sessions', 'itemCount', 'steps', 'postings'] as const)
      if (!Number.isInteger(header[count]) || header[count] < 0) throw unusable(`its header has no count of ${count}`);
    return { header: { ...header, settings: completeNeighbourSettings(header.settings) }, headerLength };
  } catch (cause) {
    if (cause instanceof DomainError && cause.code === 'neighbours_unusable') throw cause;
    throw unusable(`its header cannot be read: ${String(cause)}`, cause);
  }
}

/** What keeps an answer within the arrays. */
function demandRanges({ itemCount, offsets, items, endedAt, postingOffsets, postings }: SessionTable): void {
  demandRises('session', offsets, items.length, 1, MAXIMUM_LENGTH);
  demandRises('item', postingOffsets, postings.length, 0, endedAt.length);
  if (!items.every((item) => item >= 1 && item <= itemCount)) throw unusable('a session has an unknown item');
  if (!postings.every((session) => session >= 0 && session < endedAt.length))
    throw unusable('an item has an unknown session');
  if (!endedAt.every(Number.isFinite)) throw unusable('a session has no end');
}

function demandRises(what: string, offsets: Int32Array, end: number, least: number, most: number): void {
  let fits = offsets[0] === 0 && offsets.at(-1) === end;
  for (let i = 0; i + 1 < offsets.length; i++) {
    const length = (offsets[i + 1] as number) - (offsets[i] as number);
    fits &&= length >= least && length <= most;
  }
  if (!fits) throw unusable(`its ${what} offsets do not fit`);
}

function unusable(fault: string, cause?: unknown): DomainError {
  return new DomainError(
    'internal',
    'neighbours_unusable',
    `The neighbour index cannot be used: ${fault}. Train again, or promote another version (\`models list\`).`,
    {},
    { cause },
  );
}
