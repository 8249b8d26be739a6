import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EvaluationReport } from '#evaluation';
import { registerEvaluate } from '../../../apps/cli/evaluate.js';
import { registerModels } from '../../../apps/cli/models.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { RingShop, visitsTable } from '../../support/ring-shop.js';
import { sampleReport } from '../../support/sample-report.js';

let database: TestDatabase;
let shop: RingShop;
let version: string;
let root: string;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  shop = await RingShop.open(database.dataSource);
  version = await shop.fill('default');
  root = await mkdtemp(join(tmpdir(), 'nextpick-evaluate-'));
});
afterAll(async () => {
  await database.drop();
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'test-'));
});

const nextpick = (...words: string[]): Promise<string> =>
  runCommandLine(database.dataSource, [registerEvaluate, registerModels], words);

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const sessions = (): Promise<unknown> =>
  database.dataSource.query('select count(*), max(ended_at) from sessions where store = $1', ['default']);

test('a person is told how good the model is on a file, of which nothing is stored', async () => {
  const before = await sessions();
  const visits = shop
    .newVisits(30)
    .map((visit, i) => (i === 0 ? { ...visit, itemIds: ['new', ...visit.itemIds] } : visit));
  const path = await file('visits.tsv', `${visitsTable(visits)}s1\tring-1\tyesterday\tview\n`);
  const page = join(folder, 'page.html');
  const lines = (await nextpick('evaluate', '--file', path, '--output', page)).split('\n');
  expect(lines[0]).toMatch(/^ranker +P@20 +MRR@20 +NDCG@20 +Coverage +Popularity +Novelty$/);
  expect(lines.slice(1, 7).map((line) => line.split(/ {2,}/)[0])).toEqual([
    'blend',
    'neighbours',
    'markov',
    'item-kNN',
    'recently popular',
    'popular',
  ]);
  const text = lines.slice(7).join('\n');
  expect(text).toContain(`Model ${version} predicted the next items of the sessions in visits.tsv`);
  expect(text).toContain('Left out are 1 of the 151 clicks');
  expect(text).toContain('120 predictions in 30 sessions that ended from 2026-01-02 to 2026-01-02');
  expect(text).toContain('1 lines were not taken:\n  line 153: timestamp "yesterday"');
  expect(text).toContain(`: ${page} (from the API: /v1/models/${version}/report)`);
  expect(await sessions()).toEqual(before);

  const stored = await shop.registry.report('default', version);
  expect(await readFile(page, 'utf8')).toBe(stored.page);
  expect(await readdir(folder)).toEqual(['page.html', 'visits.tsv']);
  const { rankers } = stored.report as EvaluationReport;
  const percent = (value = Number.NaN): string => (100 * value).toFixed(2);
  for (const [i, { measures }] of rankers.entries()) {
    const { value, low, high } = measures.precision ?? {};
    expect(low).toBeLessThan(high ?? 0);
    expect(lines[i + 1]).toContain(`${percent(value)}% (${percent(low)}-${percent(high)})`);
    expect(lines[i + 1]).toContain(`  ${percent(measures.coverage?.value)}%  `);
  }
  expect(JSON.parse(await nextpick('models', 'show', version))).toMatchObject({
    report: `/v1/models/${version}/report`,
  });
});

test('a machine gets the report that is stored; the page may replace another', async () => {
  await shop.fill('machine');
  await shop.visit('machine', shop.newVisits(30));
  const page = await file('page.html', 'an old page');
  const printed = await nextpick('evaluate', '--store', 'machine', '--json', '--output', page);
  const inService = (await shop.registry.inService('machine')) ?? '';
  const stored = await shop.registry.report('machine', inService);
  expect(JSON.parse(printed)).toEqual(stored.report);
  expect(JSON.parse(printed)).toMatchObject({ store: 'machine', data: { sessions: 30, cases: 120 } });
  expect(await readFile(page, 'utf8')).toBe(stored.page);
});

test('too few newer sessions: a person is told what the figures are and how to judge on others', async () => {
  const before = sampleReport();
  const quiet = await shop.fill('quiet', before);
  const page = join(folder, 'page.html');
  const text = await nextpick('evaluate', '--store', 'quiet', '--output', page);
  expect(text).toMatch(
    new RegExp(
      `^Store quiet has 0 predictions .* since model ${quiet} was trained: too few.* stored with the model on 2026-03-02`,
    ),
  );
  expect(text).toContain('evaluate --file FILE');
  expect(text).toMatch(/^blend +54\.81% \(54\.26-55\.43\) /m);
  expect(text).toContain(before.subject);
  expect(await readFile(page, 'utf8')).toContain(before.subject);
  const json = await nextpick('evaluate', '--store', 'quiet', '--output', page, '--json');
  expect(JSON.parse(json)).toEqual(before);
});

test('a model without a report: shown as such, and what is missing is said', async () => {
  const bare = await shop.registry.save('default', shop.model.draft, shop.model.files);
  expect(JSON.parse(await nextpick('models', 'show', bare))).toMatchObject({ version: bare, report: null });
  await expect(nextpick('evaluate', '--model', bare, '--output', join(folder, 'page.html'))).rejects.toThrow(
    /has 0 predictions .* Nor was a report stored/,
  );
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  [['--file', 'gone.tsv'], /There is no file .*gone\.tsv/],
  [['--file', 'foreign.tsv'], /foreign\.tsv has no session with two items that model \S+ knows/],
  [['--file', 'lonely.tsv'], /lonely\.tsv has no session with two items/],
  [['--model', 'none'], /no model version none.*models list/],
  [['--store', 'nobody'], /Store nobody has no model in service.*train/],
  [
    ['--output', 'nowhere/page.html'],
    /nowhere\/page\.html cannot be written: there is no folder .*nowhere\. Make it first/,
  ],
  [['--output', 'there'], /there cannot be written: it is a folder/],
  [['--output', 'lonely.tsv/page.html'], /there is no folder .*lonely\.tsv/],
])('evaluate %j says what would be right, and writes nothing', async (words, message) => {
  await file('foreign.tsv', visitsTable([{ minute: 1, itemIds: ['x', 'y', 'ring-1'] }]));
  await file('lonely.tsv', visitsTable([{ minute: 1, itemIds: ['ring-1'] }]));
  await mkdir(join(folder, 'there'));
  const paths = ['--file', '--output'].includes(words[0] ?? '')
    ? [words[0] ?? '', join(folder, words[1] ?? '')]
    : words;
  const output = words[0] === '--output' ? [] : ['--output', join(folder, 'page.html')];
  await expect(nextpick('evaluate', ...paths, ...output)).rejects.toThrow(message);
  expect(await readdir(folder)).toEqual(['foreign.tsv', 'lonely.tsv', 'there']);
});

test('the process writes the page into the current folder unless told otherwise', async () => {
  await file('visits.tsv', visitsTable(shop.newVisits(20)));
  const hooks = pathToFileURL(resolve('test/support/typescript.mjs')).href;
  const command = [resolve('apps/cli/main.ts'), 'evaluate', '--file', 'visits.tsv'];
  const outcome = await new Promise((done) => {
    execFile(
      process.execPath,
      ['--conditions=source', '--import', hooks, ...command],
      { cwd: folder, env: { ...process.env, DATABASE_URL: database.url } },
      (error, output) => {
        done({ error, output });
      },
    );
  });
  expect(outcome).toEqual({
    error: null,
    output: expect.stringContaining(`report-${version}.html`) as string,
  });
  expect(await readdir(folder)).toEqual([`report-${version}.html`, 'visits.tsv']);
  expect(await readFile(join(folder, `report-${version}.html`), 'utf8')).toContain(version);
});
