import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventIntake, importEvents, type ImportReport } from '#events';
import { SessionStore } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const HEADER = 'session_id\titem_id\ttimestamp\tevent_type\n';
const GOOD = 's1\ti1\t1700000000000\tview\n';
const LATER = 's1\ti2\t1700000001000\tview\n';

describe('a file of events', () => {
  let database: TestDatabase;
  let intake: EventIntake;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
    folder = await mkdtemp(join(tmpdir(), 'nextpick-import-'));
  });
  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const importFile = async (name: string, content: string | Buffer): Promise<ImportReport> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return importEvents(database.dataSource, intake, { store: 's', path });
  };
  const items = async (): Promise<string[]> =>
    (await database.dataSource.query<{ item_id: string }[]>('select item_id from events order by occurred_at')).map(
      ({ item_id }) => item_id,
    );

  it('may be NDJSON of the contract', async () => {
    const lines = [1, 2].map((number) =>
      JSON.stringify({
        eventId: `e${number}`,
        type: 'view',
        visitorId: 'v',
        itemId: `i${number}`,
        occurredAt: `2026-01-01T00:00:0${number}Z`,
      }),
    );
    const report = await importFile(
      'events.ndjson',
      [lines[0], '{"eventId":"x"', '{"eventId":"y"}', lines[1]].join('\n'),
    );
    expect(report).toMatchObject({ accepted: 2, rejected: 2, lines: 4 });
    expect(report.rejections.map(({ line, code }) => [line, code])).toEqual([
      [2, 'not_json'],
      [3, 'invalid_field'],
    ]);
    expect(await items()).toEqual(['i1', 'i2']);
  });

  it('may be gzip whatever its name, in several parts, with carriage returns and a byte order mark', async () => {
    const text = `\uFEFF${HEADER}${GOOD}`.replaceAll('\n', '\r\n');
    expect(await importFile('events.tsv', Buffer.concat([gzipSync(text), gzipSync(LATER)]))).toMatchObject({
      accepted: 2,
      rejected: 0,
    });
    expect(await items()).toEqual(['i1', 'i2']);
  });

  it('is refused when its name ends with .gz and it is not gzip', async () => {
    await expect(importFile('events.tsv.gz', HEADER + GOOD)).rejects.toMatchObject({
      code: 'file_not_gzip',
      message: expect.stringContaining('events.tsv.gz is not a gzip file') as string,
    });
  });

  it.each([
    ['session_id\titem_id\ttimestamp\n', 'column_missing', 'line 1: the column event_type is missing'],
    ['session_id,item_id,timestamp,event_type\n', 'column_missing', 'separated by tabs'],
    ['[{"eventId":"a"}]', 'file_format', 'line 1: this is a JSON list'],
    ['', 'file_empty', 'is empty'],
    [HEADER, 'nothing_imported', 'has no line that can be imported'],
    [`${HEADER}s1\ti1\t1700000000\tview\n`, 'nothing_imported', 'line 2: timestamp 1700000000 is in seconds'],
  ])('is refused when it is %j', async (content, code, message) => {
    await expect(importFile('events.tsv', content)).rejects.toMatchObject({
      kind: 'invalid',
      code,
      message: expect.stringContaining(message) as string,
    });
    // Not taken for an import that was finished.
    await expect(importFile('events.tsv', content)).rejects.toMatchObject({ code });
  });

  it('is refused when there is none, or it is a folder', async () => {
    const from = (path: string): Promise<unknown> => importEvents(database.dataSource, intake, { store: 's', path });
    await expect(from(join(folder, 'none.tsv'))).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(from(folder)).rejects.toMatchObject({ code: 'file_unreadable' });
  });

  it('keeps its good lines and names each bad one', async () => {
    const rows = [
      GOOD,
      's1\ti3\t1700000002\tview\n',
      's1\ti4\t4700000002000\tview\n',
      's1\ti5\tnoon\tview\n',
      's1\t\t1700000002000\tview\n',
      '\t\t\t\n',
      `s1\t${'x'.repeat(10_000)}\t1700000002000\tview\n`,
      's1\ti\u0000\u001b\t1700000002000\tview\n',
      's1\ti7\n',
      `s1\t${'x'.repeat(2 * 1024 * 1024)}\t1700000002000\tview\n`,
      's1\ti8\t1700000002000\tlook\n',
      LATER,
      's1\ti9\t170000',
    ];
    const bytes = Buffer.concat([
      Buffer.from(HEADER + rows.slice(0, -1).join('')),
      Buffer.from([0x73, 0xff, 0xfe, 0x0a]),
      Buffer.from(rows.at(-1) ?? ''),
    ]);
    const report = await importFile('events.tsv', bytes);
    expect(report).toMatchObject({ accepted: 2, rejected: 12 });
    expect(report.rejections.map(({ line, code, message }) => `${line} ${code} ${message.slice(0, 60)}`)).toEqual([
      '3 occurred_at_out_of_range line 3: timestamp 1700000002 is in seconds; it must be in mi',
      '4 occurred_at_out_of_range line 4: timestamp 4700000002000 is more than a day in the fu',
      '5 invalid_field line 5: timestamp "noon" must be a whole number of milliseco',
      '6 invalid_field line 6: item_id must not be empty',
      '7 invalid_field line 7: session_id must not be empty',
      '8 invalid_field line 8: item_id has 10000 characters, at most 256 are allowe',
      '9 invalid_field line 9: item_id must not contain control characters or broke',
      '10 column_count line 10: has 2 columns, but the first line names 4',
      '11 line_too_long line 11: is longer than 1 MiB',
      '12 invalid_field line 12: event_type "look" must be one of view, click, add_t',
      '14 not_utf8 line 14: is not UTF-8 text',
      '15 column_count line 15: has 3 columns, but the first line names 4 (the file',
    ]);
    expect(report.rejections.at(-1)?.message).toContain('it may be cut off');
    expect(await items()).toEqual(['i1', 'i2']);
  });

  it('keeps what comes before the place where gzip is cut off or damaged', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `s${index}\ti${index}\t${1700000000000 + index}\tview\n`);
    const whole = gzipSync(HEADER + rows.join(''));
    await expect(importFile('cut.tsv.gz', whole.subarray(0, whole.length / 2))).rejects.toMatchObject({
      code: 'file_truncated',
      message: expect.stringContaining('cut.tsv.gz is cut off') as string,
    });
    const stored = (await items()).length;
    expect(stored).toBeGreaterThan(5_000);
    expect(stored).toBeLessThan(20_000);

    const damaged = Buffer.from(whole);
    damaged.fill(0xaa, whole.length - 2_000, whole.length - 1_000);
    await expect(importFile('damaged.tsv.gz', damaged)).rejects.toMatchObject({ code: 'file_damaged' });
    const more = (await items()).length;
    expect(more).toBeGreaterThan(stored);

    expect(await importFile('whole.tsv.gz', whole)).toMatchObject({ accepted: 20_000 - more, duplicates: more });
  });

  it('may have a line of a gigabyte, which takes no memory', async () => {
    // Parts of gzip may follow one another, so a thousand times the same small part is a huge line.
    const part = gzipSync(Buffer.alloc(4 * 1024 * 1024, 'x'));
    const before = process.resourceUsage().maxRSS;
    const report = await importFile(
      'huge.tsv.gz',
      Buffer.concat([gzipSync(HEADER + GOOD), ...Array.from({ length: 256 }, () => part), gzipSync(`\n${LATER}`)]),
    );
    expect(report).toMatchObject({ accepted: 2, rejected: 1, rejections: [{ line: 3, code: 'line_too_long' }] });
    expect(await items()).toEqual(['i1', 'i2']);
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(150);
  });

  it('takes SQL in every cell for text', async () => {
    const sql = `'"; drop table events; select $1 {a,NULL} \\ --`;
    const table = `${HEADER.trim()}\tuser_id\n${sql}\t${sql}\t1700000000000\tview\t${sql}\n`;
    expect(await importFile(`a'; drop table imports; --.tsv`, table)).toMatchObject({ accepted: 1, rejected: 0 });
    expect(
      await database.dataSource.query('select e.session_id, e.item_id, e.user_id, item_ids from events e, sessions'),
    ).toEqual([{ session_id: sql, item_id: sql, user_id: sql, item_ids: [sql] }]);
  });
});
