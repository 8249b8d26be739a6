import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '#domain';
import { EventIntake, importEvents, readSessionFile } from '#events';
import { SessionStore, type TrainingSession } from '#sessions';
import { clicksTable, makeClicks } from '../../support/clicks.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const gapMs = 30 * 60_000;

let database: TestDatabase;
let sessions: SessionStore;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  sessions = new SessionStore(database.dataSource, gapMs);
  folder = await mkdtemp(join(tmpdir(), 'nextpick-sessions-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

/** Some 400 visits of 40 visitors without session names, out of order, some events twice, some of several items, some none. */
function namelessEvents(): string {
  const random = new Random(5);
  const events = Array.from({ length: 3_000 }, (_, index) => {
    const type = ['view', 'click', 'add_to_cart', 'purchase', 'impression'][random.integer(5)] ?? 'view';
    return JSON.stringify({
      eventId: `e${index - (index % 50 === 0 ? 1 : 0)}`,
      type,
      visitorId: `v${random.integer(40)}`,
      items: Array.from({ length: 1 + random.integer(2) }, () => ({ itemId: `i${random.integer(99)}` })),
      occurredAt: new Date(Date.UTC(2026, 0, 1) + random.integer(300 * 60) * 60_000).toISOString(),
    });
  });
  return events.join('\n');
}

/** Sessions that end at the same moment may come in any order. */
const inOneOrder = (list: readonly TrainingSession[]): string[] =>
  list.map(({ endedAt, itemIds }) => `${endedAt} ${itemIds.join(' ')}`).sort();

test.each([
  ['named.tsv', clicksTable(makeClicks(4_000, 11))],
  ['nameless.ndjson.gz', gzipSync(namelessEvents())],
])('the sessions of %s are those that importing it makes', async (name, content) => {
  const path = join(folder, name);
  await writeFile(path, content);
  const read = await readSessionFile({ store: name, path, gapMs });
  expect(await database.dataSource.query('select 1 from sessions where store = $1', [name])).toEqual([]);
  const intake = new EventIntake(database.dataSource, sessions);
  await importEvents(database.dataSource, intake, { store: name, path, batchSize: 700 });
  const imported: TrainingSession[] = [];
  for await (const batch of sessions.streamForTraining(name)) imported.push(...batch);
  expect(imported.length).toBeGreaterThan(100);
  expect(inOneOrder(read.sessions)).toEqual(inOneOrder(imported));
  expect(read.sessions.map(({ endedAt }) => endedAt)).toEqual(imported.map(({ endedAt }) => endedAt));
});

test('bad lines are left out and told; progress ends with the file; a wish to stop is heard', async () => {
  const path = join(folder, 'some.tsv');
  await writeFile(
    path,
    'session_id\titem_id\ttimestamp\tevent_type\ns\ta\t1700000000000\tview\ns\t\t1700000001000\tview\ns\tb\t1700000002000\tview\n',
  );
  const heard: unknown[] = [];
  const file = await readSessionFile({ store: 's', path, gapMs, onProgress: (progress) => heard.push(progress) });
  expect(file.sessions).toEqual([{ itemIds: ['a', 'b'], endedAt: 1_700_000_002_000 }]);
  expect(file).toMatchObject({ rejected: 1, rejections: [{ line: 3 }] });
  expect(heard.at(-1)).toMatchObject({ events: 2, rejected: 1 });
  const { bytesRead, bytes } = heard.at(-1) as { bytesRead: number; bytes: number };
  expect(bytesRead).toBe(bytes);
  const signal = AbortSignal.abort(new Error('stopped by a test'));
  await expect(readSessionFile({ store: 's', path, gapMs, signal })).rejects.toThrow('stopped by a test');
});

test.each([
  ['missing.tsv', undefined, 'file_not_found'],
  ['empty.tsv', '', 'file_empty'],
  ['wrong.tsv', 'a\tb\n', 'column_missing'],
  ['bad.tsv', 'session_id\titem_id\ttimestamp\tevent_type\ns\ta\tnow\tview\n', 'nothing_imported'],
  ['cut.tsv.gz', gzipSync(clicksTable(makeClicks(4_000, 11))).subarray(0, 9_000), 'file_truncated'],
])('%s is refused', async (name, content, code) => {
  const path = join(folder, name);
  if (content !== undefined) await writeFile(path, content);
  await expect(readSessionFile({ store: 's', path, gapMs })).rejects.toMatchObject({ code });
});
