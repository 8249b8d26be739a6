import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerPlacements } from '../../../apps/cli/placements.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'nextpick-placements-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const nextpick = (...words: string[]): Promise<string> =>
  runCommandLine(database.dataSource, [registerPlacements], ['placements', ...words, '--store', 'shoes']);

async function file(text: string): Promise<string> {
  const path = join(folder, 'placement.json');
  await writeFile(path, text);
  return path;
}

test('a placement is put from a file, listed, shown as it can be put again, and deleted', async () => {
  expect(await nextpick('list')).toMatch(/no placements.*placements put/);
  const rules = [{ pin: 'sku-1', position: 1 }];
  const put = await nextpick('put', 'home', await file(JSON.stringify({ count: 8, fallbacks: [], rules })));
  expect(put).toMatch(/home is stored; running servers follow within 5 seconds/);
  expect(await nextpick('list')).toMatch(/^name .*\nhome +next-item +none +8 +exceptCurrent +- +0 +1$/);
  const shown = await nextpick('show', 'home');
  expect(JSON.parse(shown)).toMatchObject({ strategy: 'next-item', count: 8, fallbacks: [], rules });
  const again = JSON.parse(await nextpick('put', 'copy', await file(shown), '--json')) as object;
  expect(again).toEqual({ store: 'shoes', name: 'copy', ...(JSON.parse(shown) as object) });
  expect(JSON.parse(await nextpick('list', '--json'))).toMatchObject({
    store: 'shoes',
    placements: [{ name: 'copy' }, { name: 'home' }],
  });
  expect(await nextpick('delete', 'copy')).toBe('Placement copy is deleted.');
  expect(JSON.parse(await nextpick('delete', 'home', '--json'))).toEqual({ store: 'shoes', deleted: 'home' });
  expect(JSON.parse(await nextpick('list', '--json'))).toEqual({ store: 'shoes', placements: [] });
});

test('what is wrong is told with the file and the place, and nothing is stored', async () => {
  const wrong = await file('{"rules":[{"boost":{"field":"price","lt":"5"},"factor":2}]}');
  await expect(nextpick('put', 'home', wrong)).rejects.toThrow(`${wrong}: rules[0].boost.lt must be a number`);
  await expect(nextpick('put', 'home', await file('{"count":'))).rejects.toThrow(/is not valid JSON: /);
  await expect(nextpick('put', 'home', await file('[]'))).rejects.toThrow(/it must be an object/);
  await expect(nextpick('put', 'home', join(folder, 'gone.json'))).rejects.toThrow(/gone\.json cannot be read: /);
  await expect(nextpick('show', 'home')).rejects.toThrow('There is no placement "home"');
  await expect(nextpick('delete', 'home')).rejects.toThrow('There is no placement "home"');
});
