import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerImport } from '../../../apps/cli/import.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'nextpick-cli-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const nextpick = (...words: string[]): Promise<string> => runCommandLine(database.dataSource, [registerImport], words);

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test('import events tells what became of them, once, twice and again', async () => {
  const path = await file(
    'clicks.tsv',
    'session_id\titem_id\ttimestamp\tevent_type\ns1\ta\t1700000000000\tview\ns1\tb\t1700000001\tview\n',
  );
  const first = await nextpick('import', 'events', path, '--store', 'shop');
  expect(first).toMatch(/^Imported 1 events from .*clicks\.tsv in [\d.]+ s \([\d,]+\/s\)\./);
  expect(first).toContain('1 lines were not taken:\n  line 3: timestamp 1700000001 is in seconds');
  expect(await nextpick('import', 'events', path, '--store', 'shop')).toContain('was imported before: nothing changed');
  const again = JSON.parse(await nextpick('import', 'events', path, '--store', 'shop', '--again', '--json')) as object;
  expect(again).toMatchObject({ accepted: 0, duplicates: 1, rejected: 1, seconds: expect.any(Number) as number });
  expect(await database.dataSource.query('select store, item_ids from sessions')).toEqual([
    { store: 'shop', item_ids: ['a'] },
  ]);
});

test('import items tells how many', async () => {
  const path = await file('items.tsv', 'item_id\ttitle\na\tKettle\n\tLost\n');
  expect(await nextpick('import', 'items', path)).toBe(
    `Imported 1 items from ${path}.\n1 lines were not taken:\n  line 3: itemId must not be empty`,
  );
  expect(JSON.parse(await nextpick('import', 'items', path, '--json'))).toMatchObject({ accepted: 1, rejected: 1 });
});

test('a store must have a name', async () => {
  await expect(nextpick('import', 'items', 'x', '--store', '')).rejects.toThrow('--store must not be empty');
});

test('the process says in a sentence what is wrong, and ends with an error', async () => {
  const outcome = await new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=source', '--import', './test/support/typescript.mjs', 'apps/cli/main.ts', 'import', 'events', 'x'],
      { env: { ...process.env, DATABASE_URL: 'db:5432', PORT: 'many' } },
      (error, output, errors) => {
        resolve({ code: error?.code, output, errors });
      },
    );
  });
  expect(outcome).toEqual({
    code: 1,
    output: '',
    errors: [
      'These environment variables have wrong values:',
      '  DATABASE_URL: must be a Postgres address such as postgres://user:password@host:5432/database',
      '  PORT (it is "many"): must be at most 65535, must be at least 0, must be a whole number',
      '',
    ].join('\n'),
  });
});
