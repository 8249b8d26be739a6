import { describe, expect, it } from 'vitest';
import { LineSplitter, MAXIMUM_LINE_BYTES, type Line } from './line-splitter.js';

function split(chunks: Iterable<Buffer>): Line[] {
  const splitter = new LineSplitter();
  const lines: Line[] = [];
  for (const chunk of chunks) lines.push(...splitter.push(chunk));
  return [...lines, ...splitter.end()];
}

const texts = (lines: Line[]): (string | undefined)[] => lines.map(({ text }) => text);

describe('LineSplitter', () => {
  it('knows both ends of line, blank lines and a last line without an end', () => {
    expect(split([Buffer.from('a\r\n\nb\nc')])).toEqual([
      { number: 1, text: 'a', terminated: true },
      { number: 2, text: '', terminated: true },
      { number: 3, text: 'b', terminated: true },
      { number: 4, text: 'c', terminated: false },
    ]);
    expect(split([])).toEqual([]);
    expect(split([Buffer.from('a\n')])).toHaveLength(1);
  });

  it('gives the same lines however the bytes are cut, characters of several bytes included', () => {
    const text = 'größe\tñ\n\n😀😀\nlast'.repeat(20);
    const bytes = Buffer.from(text);
    for (let size = 1; size <= 40; size += 1) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(texts(split(chunks))).toEqual(text.split('\n'));
    }
  });

  it('skips a line that is too long and goes on with the next one', () => {
    const long = Buffer.alloc(MAXIMUM_LINE_BYTES + 1, 'x');
    expect(texts(split([Buffer.from('a\n'), long, Buffer.from('x\nb\n')]))).toEqual(['a', undefined, 'b']);
    expect(texts(split([Buffer.concat([Buffer.from('a\n'), long, Buffer.from('\nb')])]))).toEqual([
      'a',
      undefined,
      'b',
    ]);
    expect(texts(split([long.subarray(1), Buffer.from('\nb\n')]))).toEqual([long.toString('utf8', 1), 'b']);
  });

  it('never holds more than a line of the allowed length, even of a line of a gigabyte', () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const splitter = new LineSplitter();
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    for (let bytes = 0; bytes < 1024 ** 3; bytes += chunk.length) {
      expect(splitter.push(chunk)).toEqual([]);
      most = Math.max(most, splitter.heldBytes);
    }
    expect(most).toBeLessThanOrEqual(MAXIMUM_LINE_BYTES);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 ** 2);
    expect(splitter.push(Buffer.from('\nnext\n'))).toEqual([
      { number: 1, text: undefined, terminated: true },
      { number: 2, text: 'next', terminated: true },
    ]);
  });
});
