import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '#domain';
import { RecordReader, type RecordFormat } from './record-reader.js';

const format: RecordFormat<string> = {
  fromJson: (plain) =>
    typeof plain === 'object' && plain !== null && 'id' in plain
      ? { value: String(plain.id) }
      : { rejection: { code: 'invalid_field', message: 'id must be given' } },
  requiredColumns: ['id', 'kind'],
  fromTable: (header) => (cells) => ({ value: `${cells[header.at('kind')] ?? ''}:${cells[header.at('id')] ?? ''}` }),
};

function read(lines: (string | undefined)[], skipLines = 0): { values: string[]; reader: RecordReader<string> } {
  const reader = new RecordReader('clicks.tsv', format, skipLines);
  const values = lines.flatMap(
    (text, index) => reader.read({ number: index + 1, text, terminated: index < lines.length - 1 }) ?? [],
  );
  return { values, reader };
}

describe('RecordReader', () => {
  it('reads a table by the names of its columns', () => {
    expect(read(['\uFEFFkind\tother\tid', 'a\t-\t1', '', 'b\t-\t2']).values).toEqual(['a:1', 'b:2']);
  });

  it('reads NDJSON after blank lines', () => {
    expect(read(['', '{"id":1}', '  {"id":2}']).values).toEqual(['1', '2']);
  });

  it('passes over lines that are done, but not over the header', () => {
    expect(read(['id\tkind', '1\ta', '2\ta', '3\ta'], 3).values).toEqual(['a:3']);
    expect(read(['{"id":1}', '{"id":2}'], 1).values).toEqual(['2']);
  });

  it('counts bad lines, keeps the first with their numbers, and hints at a cut-off end', () => {
    const { values, reader } = read(['{"id":1}', '{"no":1}', undefined, '{"id":"\uFFFD"}', '{"id":2}', '{"id":3']);
    expect(values).toEqual(['1', '2']);
    expect(reader.rejected).toBe(4);
    expect(reader.rejections.map(({ line, code }) => [line, code])).toEqual([
      [2, 'invalid_field'],
      [3, 'line_too_long'],
      [4, 'not_utf8'],
      [6, 'not_json'],
    ]);
    expect(reader.rejections[0]?.message).toBe('line 2: id must be given');
    expect(reader.rejections[3]?.message).toContain('the file ends within this line: it may be cut off');
  });

  it('keeps twenty of a million bad lines', () => {
    const { reader } = read(['id\tkind', ...Array.from({ length: 1000 }, () => 'x')]);
    expect([reader.rejected, reader.rejections.length]).toEqual([1000, 20]);
    expect(reader.rejections[0]?.message).toBe('line 2: has 1 columns, but the first line names 2');
  });

  it.each([
    ['id\tother', /clicks\.tsv, line 1: the column kind is missing.*it names: id, other/],
    ['id,kind', /the columns id, kind are missing.*separated by tabs/],
    ['id\tkind\tid', /the column id is there twice/],
    ['[{"id":1}]', /this is a JSON list. Write one JSON object a line/],
    [undefined, /the columns id, kind are missing/],
  ])('refuses a file that begins with %j', (first, message) => {
    expect(() => read([first])).toThrow(message);
    expect(() => read([first])).toThrow(InvalidInputError);
  });

  it('tells an empty file from one with nothing good in it', () => {
    expect(() => read([]).reader.failWithoutRecords()).toThrow('clicks.tsv is empty');
    expect(() => read(['{"no":1}']).reader.failWithoutRecords()).toThrow(
      /no line that can be imported.*\n {2}line 1: id/,
    );
  });
});
