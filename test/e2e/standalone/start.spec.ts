import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ModelRegistry } from '#registry';
import { createTestDatabase } from '../../support/database.js';
import { isAlive, NpmProcess, runInShell } from '../../support/npm-process.js';
import { trainRingModel } from '../../support/tiny-model.js';

let folder: string;
let running: NpmProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nextpick-start-'));
  // As root, Postgres runs as another user, who must be able to enter.
  await chmod(folder, 0o711);
  running = [];
});
afterEach(async () => {
  for (const each of running) await each.destroy();
  await rm(folder, { recursive: true, force: true });
});

function npmStart(environment: Readonly<Record<string, string>> = {}): NpmProcess {
  const started = new NpmProcess('start', { NEXTPICK_DATA: folder, PORT: '0', ...environment });
  running.push(started);
  return started;
}

const READY = /Ctrl-C stops everything/;

/** The lines to try, as printed. */
const curlLines = (output: string): string[] => output.split('\n').filter((line) => line.startsWith('curl '));

const urlIn = (output: string): string => /Nextpick is ready: (\S+)/.exec(output)?.[1] ?? '';

const keysIn = (output: string): string[] => [...output.matchAll(/ key +(npk_\S+)/g)].map(([, key]) => key ?? '');

interface Answer {
  readonly model: string;
  readonly recommendations: readonly { itemId: string; source: string }[];
}

/** Runs both lines; resolves to the answer of the second. */
async function tryLines(output: string): Promise<Answer> {
  const [view = '', ask = ''] = curlLines(output);
  expect(JSON.parse(await runInShell(view))).toEqual({
    accepted: 1,
    duplicates: 0,
    withheld: 0,
    rejected: [],
  });
  return JSON.parse(await runInShell(ask)) as Answer;
}

/** The process number of the embedded server. */
async function postgresPid(): Promise<number> {
  const record = await readFile(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8');
  return Number(record.split('\n')[0]);
}

/** Polled, because the system may take a moment to bury a process that has ended. */
const isGone = (pid: number): Promise<void> => expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);

test('the first start trains, also after an interruption; the second does not; nothing is left when it stops', async () => {
  const interrupted = npmStart();
  await interrupted.prints(/First start/);
  const firstServer = await postgresPid();
  await interrupted.interrupt();
  await isGone(interrupted.group);
  await isGone(firstServer);
  expect(interrupted.output).not.toMatch(/ready|Error/);

  const first = npmStart();
  await first.prints(READY);
  const answer = await tryLines(first.output);
  expect(answer.recommendations).toHaveLength(5);
  expect(['network', 'neighbours']).toEqual(expect.arrayContaining(answer.recommendations.map(({ source }) => source)));
  expect(keysIn(first.output)).toHaveLength(2);
  expect((await stat(join(folder, 'demo-keys.json'))).mode & 0o777).toBe(0o600);
  const page = await fetch(`${urlIn(first.output)}/docs`);
  expect(page.status).toBe(200);
  const server = await postgresPid();
  await first.interrupt();
  await isGone(first.group);
  await isGone(server);

  const second = npmStart();
  await second.prints(READY);
  expect(second.output).not.toMatch(/First start|Training/);
  expect(keysIn(second.output)).toEqual(keysIn(first.output));
  expect((await tryLines(second.output)).model).toBe(answer.model);
  const secondServer = await postgresPid();
  await second.terminate();
  await isGone(second.group);
  await isGone(secondServer);
});

test('DATABASE_URL makes it use that server, and a port that is taken is told', async () => {
  const database = await createTestDatabase();
  try {
    const { draft, files } = await trainRingModel();
    const version = await new ModelRegistry(database.dataSource).saveAndPromote('demo', draft, files, 'test');
    const started = npmStart({ DATABASE_URL: database.url });
    await started.prints(READY);
    expect(started.output).not.toMatch(/First start/);
    expect(await readdir(folder)).toEqual(['demo-keys.json']);
    expect((await tryLines(started.output)).model).toBe(version);
    const [events] = await database.dataSource.query<{ count: string }[]>('select count(*) from events');
    expect(events?.count).toBe('1');

    const port = new URL(urlIn(started.output)).port;
    const refused = npmStart({ DATABASE_URL: database.url, PORT: port });
    expect(await refused.ended()).toBe(1);
    expect(refused.output).toContain(`port ${port} is in use; choose another, such as PORT=${Number(port) + 1}`);
    await started.interrupt();
    await isGone(started.group);
  } finally {
    await database.drop();
  }
});

test('every wrong setting is named before anything starts', async () => {
  const refused = npmStart({ PORT: 'http', SESSION_GAP_MINUTES: '0' });
  expect(await refused.ended()).toBe(1);
  expect(refused.output).toMatch(/PORT \(it is "http"\)/);
  expect(refused.output).toMatch(/SESSION_GAP_MINUTES \(it is "0"\)/);
  expect(await readdir(folder)).toEqual([]);
});
