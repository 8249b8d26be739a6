import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DomainError, Random } from '#domain';
import { encodeSessions, randomLists } from '../../test/support/encoded-sessions.js';
import { decodeIndex, encodeIndex } from './file-format.js';
import { NeighbourIndex } from './neighbour-index.js';
import { buildSessionTable, type SessionTable } from './session-table.js';
import { completeNeighbourSettings } from './settings.js';

const ITEM_COUNT = 41;
const settings = completeNeighbourSettings({ neighbours: 30, rarity: 1.7 });
const table = buildSessionTable(encodeSessions(randomLists(300, ITEM_COUNT - 1, 9, 1)), ITEM_COUNT);
const file = encodeIndex(table, settings);

function faultOf(bytes: Uint8Array): string {
  try {
    NeighbourIndex.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'neighbours_unusable' });
    return (error as Error).message;
  }
  throw new Error('decode took damaged bytes');
}

describe('the file of a neighbour index', () => {
  it.each([0, 8, 3])('gives the same answers after encode and decode, %i bytes into its buffer', (offset) => {
    const index = NeighbourIndex.build(encodeSessions(randomLists(300, ITEM_COUNT - 1, 9, 1)), ITEM_COUNT, settings);
    const buffer = new Uint8Array(file.length + offset);
    buffer.set(index.encode(), offset);
    const decoded = NeighbourIndex.decode(buffer.subarray(offset));
    expect(decoded.settings).toEqual(settings);
    const random = new Random(5);
    for (let i = 0; i < 50; i++) {
      const session = Array.from({ length: 1 + random.integer(6) }, () => 1 + random.integer(ITEM_COUNT));
      expect(decoded.suggest(session, 10)).toEqual(index.suggest(session, 10));
    }
    expect(decoded.encode()).toEqual(index.encode());
  });

  it('is looked into, not copied, where it is aligned', () => {
    const buffer = new Uint8Array(file.length + 16);
    buffer.set(file, 16);
    buffer.set(file.subarray(0, 16));
    const { table: aligned } = decodeIndex(buffer.subarray(16));
    for (const section of ['items', 'offsets', 'endedAt', 'postings', 'postingOffsets'] as const) {
      expect(aligned[section].buffer).toBe(buffer.buffer);
      expect(aligned[section]).toEqual(table[section]);
    }
    buffer.copyWithin(1, 16);
    expect(decodeIndex(buffer.subarray(1, 1 + file.length)).table.items.buffer).not.toBe(buffer.buffer);
  });

  it('may hold no session', () => {
    expect(
      NeighbourIndex.decode(NeighbourIndex.build(encodeSessions([]), 0).encode()).suggest([1], 5).items,
    ).toHaveLength(0);
  });

  it('is refused when it is something else or of another version', () => {
    expect(faultOf(new Uint8Array(0))).toContain('does not begin with NPKNN');
    expect(faultOf(Buffer.from('PK some other archive that is long enough'))).toContain('does not begin with NPKNN');
    const newer = file.slice();
    newer.set(Buffer.from('002'), 5);
    expect(faultOf(newer)).toMatch(/format is 002, this program reads 001.*Train again/);
  });

  it('is refused when it is cut or longer', () => {
    for (let length = 0; length < file.length; length += 1 + Math.floor(length / 20)) faultOf(file.subarray(0, length));
    faultOf(Buffer.concat([file, new Uint8Array(8)]));
  });

  it('is refused when any byte is another', () => {
    const random = new Random(2);
    for (let i = 0; i < 300; i++) {
      const damaged = file.slice();
      const place = i < 16 ? i : random.integer(file.length);
      damaged[place] = (damaged[place] as number) ^ (1 << random.integer(8));
      faultOf(damaged);
    }
  });

  const written = (changes: Partial<SessionTable>): Uint8Array => encodeIndex({ ...table, ...changes }, settings);
  const changed = (values: Int32Array, place: number, value: number): Int32Array => values.with(place, value);

  it.each([
    ['has an unknown item', written({ items: changed(table.items, 4, ITEM_COUNT + 1) })],
    ['has an unknown item', written({ items: changed(table.items, 4, 0) })],
    ['has an unknown session', written({ postings: changed(table.postings, 0, 300) })],
    ['session offsets do not fit', written({ offsets: changed(table.offsets, 3, table.items.length) })],
    ['session offsets do not fit', written({ offsets: changed(table.offsets, 0, 1) })],
    ['item offsets do not fit', written({ postingOffsets: changed(table.postingOffsets, 2, -1) })],
    ['has no end', written({ endedAt: table.endedAt.with(0, NaN) })],
    ['has no count of itemCount', written({ itemCount: -1 })],
    ['rarity must be', encodeIndex(table, { ...settings, rarity: -1 })],
  ])('is refused when a part %s, though its checksum fits', (fault, bytes) => {
    expect(faultOf(bytes)).toContain(fault);
  });

  it('is refused when its header is no JSON, or promises more than there is', () => {
    const garbled = file.slice();
    garbled[16] = 0;
    const longer = Buffer.from(file);
    longer.write(longer.toString('latin1', 16, 40).replace('"sessions":300', '"sessions":900'), 16, 'latin1');
    for (const bytes of [garbled, longer]) {
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(8, crc32(bytes.subarray(12)), true);
    }
    expect(faultOf(garbled)).toContain('header cannot be read');
    expect(faultOf(longer)).toMatch(/has \d+ bytes, not \d+/);
  });
});
