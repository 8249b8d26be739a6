import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerVisitors } from '../../../apps/cli/visitors.js';
import { runCommandLine } from '../../support/command-line.js';
import { createVisitorData, viewAt, type VisitorData } from '../../support/visitor-data.js';

let data: VisitorData;
let folder: string;

beforeAll(async () => {
  [data, folder] = await Promise.all([createVisitorData(), mkdtemp(join(tmpdir(), 'visitors-'))]);
});
afterAll(() => Promise.all([data.database.drop(), rm(folder, { recursive: true })]));

const visitors = (...words: string[]): Promise<string> =>
  runCommandLine(data.database.dataSource, [registerVisitors], ['visitors', ...words, '--store', 'shop']);

test('visitors are merged, exported and erased', async () => {
  await data.write(viewAt('a', 0, 'a1'), viewAt('b', 1, 'b1'));
  expect(await visitors('merge', 'a', 'b')).toMatch(
    /^Merged a into b: 1 events, 1 sessions, 0 events withheld\. Receipt [\da-f-]{36}\.$/,
  );
  const content = { visitorId: 'b', aliases: ['a'], events: [{ eventId: 'a1' }, { eventId: 'b1' }] };
  expect(JSON.parse(await visitors('export', 'a'))).toMatchObject(content);
  const output = join(folder, 'b.json');
  expect(await visitors('export', 'b', '--output', output)).toBe(`Everything of b is in ${output}.`);
  expect(JSON.parse(await readFile(output, 'utf8'))).toMatchObject(content);
  expect(await readdir(folder)).toEqual(['b.json']);
  const receipt = JSON.parse(await visitors('erase', 'b', '--json')) as { receiptId: string };
  expect(receipt).toMatchObject({ kind: 'erasure', counts: { events: 2, sessions: 1, aliases: 1, deadLetters: 0 } });
  expect(await data.receipts.find('shop', receipt.receiptId)).toMatchObject({ kind: 'erasure' });
  expect(await data.events()).toEqual([]);
});

test.each([
  [['erase', ''], /the id of the visitor must not be empty/],
  [['merge', 'x', 'x'], /into must be another visitor than from/],
  [['export', 'x', '--output', '/no/such/folder/x.json'], /there is no folder \/no\/such\/folder/],
])('%j is refused in a sentence', async (words, message) => {
  await expect(visitors(...words)).rejects.toThrow(message);
});
