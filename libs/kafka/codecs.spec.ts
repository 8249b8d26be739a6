import { gzipSync } from 'node:zlib';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain';
import { DECOMPRESSORS, registerCodecs } from './codecs.js';

const TEXT = 'click, click and click again\n';

/** The text above, as Kafka's Java client 4.3.1 compresses it. */
const FROM_JAVA = {
  gzip: 'H4sIAAAAAAAA/0vOyUzO1lFIBlEKiXkpMFZ6YmYeFwDYMOYiHQAAAA==',
  snappy: 'glNOQVBQWQAAAAABAAAAAQAAAB0dGGNsaWNrLCAFB0AgYW5kIGNsaWNrIGFnYWluCg==',
  lz4: 'BCJNGGBAghcAAABxY2xpY2ssIAcARCBhbmQKAFBnYWluCgAAAAA=',
  zstd: 'KLUv/QBY6AAAY2xpY2ssIGNsaWNrIGFuZCBjbGljayBhZ2FpbgoBAAA=',
};

const NAMES = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

async function read(name: (typeof NAMES)[number], compressed: Buffer, largest?: number): Promise<string> {
  return Buffer.from(await DECOMPRESSORS[name](compressed, largest)).toString();
}

describe.each(NAMES)('%s', (name) => {
  const compressed = Buffer.from(FROM_JAVA[name], 'base64');

  it('is read as Java writes it', async () => {
    expect(await read(name, compressed)).toBe(TEXT);
  });

  it('is refused when it becomes too large', async () => {
    await expect(read(name, compressed, TEXT.length - 1)).rejects.toThrow(/more than 28 bytes/);
  });

  it('is refused when its end is missing', async () => {
    await expect(read(name, compressed.subarray(0, -6))).rejects.toThrow();
  });
});

describe('snappy', () => {
  it('is read without a frame, as other clients send it', async () => {
    expect(await read('snappy', compressSync(TEXT))).toBe(TEXT);
  });

  it('is read in blocks', async () => {
    const blocks = ['first, ', 'second, ', 'third'].map((text) => compressSync(text));
    const framed: Buffer[] = [Buffer.from('82534e41505059000000000100000001', 'hex')];
    for (const block of blocks) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.length);
      framed.push(length, block);
    }
    expect(await read('snappy', Buffer.concat(framed))).toBe('first, second, third');
  });
});

describe('what claims to be huge', () => {
  const limit = 1024 * 1024;

  it('is refused as gzip', async () => {
    await expect(read('gzip', gzipSync(Buffer.alloc(4 * limit)), limit)).rejects.toThrow(/more than 1048576 bytes/);
  });

  it('is refused as snappy', async () => {
    await expect(read('snappy', compressSync(Buffer.alloc(4 * limit)), limit)).rejects.toThrow(/more than/);
  });

  it('is refused as LZ4', async () => {
    await expect(read('lz4', compressFrameSync(Buffer.alloc(4 * limit)), limit)).rejects.toThrow(/more than/);
  });

  it('is refused as zstd, by its content', async () => {
    // A frame with a window of 128 KiB and blocks that repeat a byte 131072 times.
    const block = Buffer.from([0b10, 0x00, 0x10, 0x61]);
    const frame = Buffer.concat([Buffer.from('28b52ffd0038', 'hex'), ...Array.from({ length: 100 }, () => block)]);
    await expect(read('zstd', frame, limit)).rejects.toThrow(/more than/);
  });

  it('is refused as zstd, by what it asks for', async () => {
    await expect(read('zstd', Buffer.from('28b52ffd00a0010000', 'hex'), limit)).rejects.toThrow(/more than/);
    const singleSegment = Buffer.from('28b52ffda000000040010000', 'hex');
    await expect(read('zstd', singleSegment, limit)).rejects.toThrow(/more than/);
  });
});

describe('registerCodecs', () => {
  registerCodecs();
  const { CompressionCodecs: codecs } = kafkajs;
  interface Codec {
    compress(encoder: { buffer: Buffer }): Promise<Buffer>;
    decompress(compressed: Buffer): Promise<Buffer>;
  }
  const gzip = codecs[CompressionTypes.GZIP]() as Codec;
  const zstd = codecs[CompressionTypes.ZSTD]() as Codec;

  it('lets kafkajs read and write gzip', async () => {
    const compressed = await gzip.compress({ buffer: Buffer.from(TEXT) });
    expect((await gzip.decompress(compressed)).toString()).toBe(TEXT);
  });

  it('tells what cannot be read, and not to try again', async () => {
    const failure = zstd.decompress(Buffer.from('no zstd at all'));
    await expect(failure).rejects.toMatchObject({ code: 'batch_unreadable', retriable: false });
    await expect(failure).rejects.toThrow(/zstd/);
    await expect(failure).rejects.toBeInstanceOf(DomainError);
  });

  it('tells that zstd is not written', () => {
    expect(() => zstd.compress({ buffer: Buffer.alloc(1) })).toThrow(/gzip only/);
  });
});
