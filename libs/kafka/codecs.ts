import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';
import { InvalidInputError } from '#domain';

/** A batch of records that is larger than this, in bytes, is refused: a few hundred kilobytes can claim to be gigabytes. */
const LARGEST_BATCH = 64 * 1024 * 1024;

/** Decompresses the records of a batch. */
type Decompressor = (compressed: Buffer, largest?: number) => Promise<Uint8Array>;

/** https://kafka.apache.org/documentation/#recordbatch */
export const DECOMPRESSORS: Readonly<Record<'gzip' | 'snappy' | 'lz4' | 'zstd', Decompressor>> = {
  gzip: async (compressed, largest = LARGEST_BATCH) => {
    try {
      return await promisify(gunzip)(compressed, { maxOutputLength: largest });
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(largest) : error;
    }
  },
  snappy: async (compressed, largest = LARGEST_BATCH) => {
    const blocks = snappyBlocks(compressed);
    const length = blocks.reduce((sum, block) => sum + snappyLength(block), 0);
    if (length > largest) throw tooLarge(largest);
    return Buffer.concat((await Promise.all(blocks.map((block) => uncompress(block)))) as Buffer[]);
  },
  lz4: async (compressed, largest = LARGEST_BATCH) => {
    if (lz4LargestLength(compressed) > largest) throw tooLarge(largest);
    return await decompressFrame(compressed);
  },
  zstd: (compressed, largest = LARGEST_BATCH) => Promise.resolve(unzstd(compressed, largest)),
};

/** Lets kafkajs read what producers with other compressions than gzip send, and bounds them all. */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs } = kafkajs;
  codecs[CompressionTypes.GZIP] = () => ({
    compress: (encoder: { buffer: Buffer }) => promisify(gzip)(encoder.buffer),
    decompress: safely('gzip'),
  });
  codecs[CompressionTypes.Snappy] = () => ({ compress: refuse, decompress: safely('snappy') });
  codecs[CompressionTypes.LZ4] = () => ({ compress: refuse, decompress: safely('lz4') });
  codecs[CompressionTypes.ZSTD] = () => ({ compress: refuse, decompress: safely('zstd') });
}

function refuse(): never {
  throw new InvalidInputError('compression_unsupported', 'Records are sent uncompressed or with gzip only');
}

/** What a decompressor throws becomes an error that kafkajs does not take for one that goes away. */
function safely(name: keyof typeof DECOMPRESSORS): (compressed: Buffer) => Promise<Uint8Array> {
  return async (compressed) => {
    try {
      return asBuffer(await DECOMPRESSORS[name](compressed));
    } catch (error) {
      // Without `cause`: kafkajs passes on the innermost error alone.
      throw new InvalidInputError(
        'batch_unreadable',
        `A batch of records with ${name} compression cannot be read: ${(error as Error).message}`,
      );
    }
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function tooLarge(largest: number): Error {
  return new Error(`it has more than ${largest} bytes when decompressed, and more are not taken`);
}

const XERIAL_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1');
const XERIAL_HEADER_BYTES = 16;

/**
 * Java's clients send blocks, each after its length, behind a header; others a single block and nothing else.
 * https://github.com/xerial/snappy-java/blob/master/src/main/java/org/xerial/snappy/SnappyOutputStream.java
 */
function snappyBlocks(compressed: Buffer): Buffer[] {
  if (!compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return [compressed];
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < compressed.length;) {
    const length = compressed.readUInt32BE(at);
    at += 4 + length;
    if (at > compressed.length) throw new Error('it ends within a snappy block');
    blocks.push(compressed.subarray(at - length, at));
  }
  return blocks;
}

/** The decompressed length that a block of snappy begins with. https://github.com/google/snappy/blob/main/format_description.txt */
function snappyLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = block.readUInt8(index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new Error('its snappy block has no length');
}

/** A bound for the decompressed length of an LZ4 frame. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
function lz4LargestLength(frame: Buffer): number {
  const flags = frame.readUInt8(4);
  const blockBytes = 2 ** (8 + 2 * ((frame.readUInt8(5) >> 4) & 7));
  const checksumBytes = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let blocks = 0;
  for (;;) {
    const length = frame.readUInt32LE(at) & 0x7fffffff;
    if (length === 0) return blocks * blockBytes;
    blocks += 1;
    at += 4 + length + checksumBytes;
  }
}

function unzstd(compressed: Buffer, largest: number): Uint8Array {
  if (zstdWindow(compressed) > largest) throw tooLarge(largest);
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((part) => {
    length += part.length;
    if (length > largest) throw tooLarge(largest);
    parts.push(part);
  });
  stream.push(compressed, true);
  return Buffer.concat(parts);
}

/** The memory that a frame asks for. https://datatracker.ietf.org/doc/html/rfc8878#name-zstandard-frames */
function zstdWindow(frame: Buffer): number {
  const flags = frame.readUInt8(4);
  const singleSegment = (flags & 0x20) !== 0;
  if (!singleSegment) {
    const descriptor = frame.readUInt8(5);
    const base = 2 ** (10 + (descriptor >> 3));
    return base + (base / 8) * (descriptor & 7);
  }
  const at = 5 + ((1 << (flags & 3)) >> 1);
  const bytes = 1 << (flags >> 6);
  return bytes === 8 ? Number(frame.readBigUInt64LE(at)) : frame.readUIntLE(at, bytes);
}
