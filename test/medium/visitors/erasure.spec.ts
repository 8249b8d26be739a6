import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importEvents, toRecordValue, type DeadLetter } from '#events';
import { createVisitorData, viewAt, type VisitorData } from '../../support/visitor-data.js';

describe('an erasure of a visitor', () => {
  let data: VisitorData;

  beforeEach(async () => {
    data = await createVisitorData();
  });
  afterEach(() => data.database.drop());

  const erase = (visitorId: string) => data.privacy.erase('shop', visitorId);
  const rows = (sql: string): Promise<unknown[]> => data.database.dataSource.query(sql);
  /** Everything in the database, as text. */
  const dump = async (): Promise<string> => {
    const tables = await data.database.dataSource.query<{ name: string }[]>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    const texts = tables.map(async ({ name }) => JSON.stringify(await rows(`select * from ${name}`)));
    return (await Promise.all(texts)).join('\n');
  };

  it('leaves nothing but a hash, and others as they are', async () => {
    await data.write(
      viewAt('person-7', 0, 'a', { userId: 'person-7' }),
      viewAt('person-7', 1, 'b', { sessionId: 'x' }),
      viewAt('person-7', 2, 'c', { type: 'search', items: [] }),
      viewAt('other', 3, 'd'),
      viewAt('person-7', 0, 'a', { store: 'second' }),
    );
    const receipt = await erase('person-7');
    expect(receipt).toMatchObject({ kind: 'erasure', counts: { events: 3, sessions: 2, aliases: 0, deadLetters: 0 } });
    expect(await data.receipts.find('shop', receipt.receiptId)).toEqual(receipt);
    expect(await data.events()).toEqual(['other d']);
    expect(await data.sessionTexts()).toEqual(['other d']);
    expect(await data.events('second')).toEqual(['person-7 a']);
    await data.privacy.erase('second', 'person-7');
    expect(await dump()).not.toContain('person-7');
    const hash = (store: string): Buffer => createHash('sha256').update(`${store}\nperson-7`).digest();
    expect(await rows('select store, visitor_hash from visitor_tombstones order by store')).toEqual([
      { store: 'second', visitor_hash: hash('second') },
      { store: 'shop', visitor_hash: hash('shop') },
    ]);
  });

  it('keeps what occurred before from coming back, and takes what occurs later', async () => {
    const [before, other] = [viewAt('v', 0, 'a'), viewAt('other', 0, 'b')];
    await data.write(before);
    await erase('v');
    const later = viewAt('v', 0, 'c', { occurredAt: Date.now() + 60_000 });
    expect(await data.intake.write([before, other, viewAt('v', 5, 'd'), later])).toEqual({
      accepted: 2,
      duplicates: 0,
      withheld: 2,
    });
    expect(await data.events()).toEqual(['other b', 'v c']);
    expect(await data.sessionTexts()).toEqual(['other b', 'v c']);
    expect(await data.intake.write([before])).toEqual({ accepted: 0, duplicates: 0, withheld: 1 });
    expect(await data.intake.accept('second', [{ ...plainView('v'), eventId: 'x' }])).toMatchObject({ accepted: 1 });
  });

  it('is heeded by an import, of a file that was imported before too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'erasure-'));
    try {
      const path = join(folder, 'events.ndjson');
      const lines = ['v', 'other'].map((visitorId) => JSON.stringify({ ...plainView(visitorId), eventId: visitorId }));
      await writeFile(path, lines.join('\n'));
      const importAgain = () =>
        importEvents(data.database.dataSource, data.intake, { store: 'shop', path, again: true });
      expect(await importAgain()).toMatchObject({ accepted: 2, duplicates: 0, withheld: 0 });
      await erase('v');
      expect(await importAgain()).toMatchObject({ accepted: 0, duplicates: 1, withheld: 1, rejected: 0 });
      await erase('other');
      expect(await importAgain()).toMatchObject({ accepted: 0, duplicates: 0, withheld: 2 });
      expect(await data.events()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('goes by the millisecond, and by the clock of the events where that is ahead', async () => {
    const ahead = Date.now() + 3_600_000;
    await data.write(viewAt('v', 0, 'a', { occurredAt: ahead }));
    await erase('v');
    const sent = [viewAt('v', 0, 'a', { occurredAt: ahead }), viewAt('v', 0, 'b', { occurredAt: ahead + 1 })];
    expect(await data.intake.write(sent)).toEqual({ accepted: 1, duplicates: 0, withheld: 1 });
    expect(await data.events()).toEqual(['v b']);
  });

  it('takes those who are one with the visitor along, by whichever name it is asked for', async () => {
    for (const [round, asked] of ['a', 'b', 'c'].entries()) {
      const id = (name: string): string => `${name}${round}`;
      await data.write(viewAt(id('a'), 0, id('x')), viewAt(id('b'), 1, id('y')), viewAt(id('c'), 2, id('z')));
      await data.privacy.merge('shop', id('a'), id('b'));
      await data.privacy.merge('shop', id('b'), id('c'));
      expect(await erase(id(asked))).toMatchObject({ counts: { events: 3, sessions: 1, aliases: 2 } });
      const late = ['a', 'b', 'c'].map((name) => viewAt(id(name), 3, `${id(name)}-late`));
      expect(await data.intake.write(late)).toEqual({ accepted: 0, duplicates: 0, withheld: 3 });
      // A new life under the old name is nobody else's.
      await data.write(viewAt(id('a'), 0, `${id('a')}-new`, { occurredAt: Date.now() + 60_000 }));
    }
    expect(await data.events()).toEqual(['a0 a0-new', 'a1 a1-new', 'a2 a2-new']);
    expect(await rows('select * from visitor_aliases')).toEqual([]);
  });

  it('finds dead letters by their key, those of its store', async () => {
    const letter = (offset: number, key: string | null, value: string): DeadLetter => ({
      cluster: 'c',
      topic: 't',
      partition: 0,
      offset,
      rejection: { code: 'invalid_field', message: 'because' },
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
      headers: {},
    });
    const many = Array.from({ length: 45 }, (_, index) => letter(100 + index, 'v', '{"store":"shop"}'));
    const letters = [
      letter(0, 'v', toRecordValue('shop', { visitorId: 'v', type: 'look' })),
      letter(1, 'v', toRecordValue('second', { visitorId: 'v', type: 'look' })),
      letter(2, 'v', '{"eventId":'),
      letter(3, 'w', toRecordValue('shop', { visitorId: 'w' })),
      letter(4, 'v', toRecordValue('shop', { visitorId: 'w' })),
      letter(5, 'v'.repeat(20_000), '{}'),
      letter(6, null, '{}'),
    ];
    await data.database.dataSource.transaction((manager) => data.deadLetters.keep([...letters, ...many], manager));
    const left = async (): Promise<number[]> =>
      (await data.deadLetters.open({ limit: 100 })).map(({ offset }) => offset);
    expect(await erase('v')).toMatchObject({ counts: { events: 0, deadLetters: 46 } });
    expect(await left()).toEqual([1, 2, 3, 4, 5, 6]);
    // A record that cannot be read is of the store that is meant where none is named.
    expect(await data.privacy.erase('default', 'v')).toMatchObject({ counts: { deadLetters: 1 } });
    expect(await left()).toEqual([1, 3, 4, 5, 6]);
  });

  it('is heeded by training, should an older copy of the database bring sessions back', async () => {
    await data.write(viewAt('v', 0, 'a'), viewAt('w', 1, 'b'), viewAt('v', 500, 'c'), viewAt('w', 600, 'd'));
    const { dataSource } = data.database;
    await dataSource.query('create table backup as select * from sessions');
    await erase('v');
    await data.write(viewAt('v', 0, 'e', { occurredAt: Date.now() + 60_000 }));
    await dataSource.query(`insert into sessions select * from backup where visitor_id = 'v'`);
    await dataSource.query(`insert into sessions select 'second', id, visitor_id, session_id, started_at, ended_at, item_ids,
      event_types, occurred_at from backup`);
    const read = async (store: string): Promise<{ items: string[]; leftOut: number }> => {
      const tally = { erasedVisitors: 0, erasedSessions: 0, automatedSessions: 0, shortenedSessions: 0 };
      const items: string[] = [];
      for await (const batch of data.sessions.streamForTraining(store, {}, tally)) {
        items.push(...batch.flatMap(({ itemIds }) => itemIds));
      }
      return { items, leftOut: tally.erasedSessions };
    };
    expect(await read('shop')).toEqual({ items: ['b', 'd', 'e'], leftOut: 2 });
    expect(await read('second')).toEqual({ items: ['a', 'b', 'c', 'd'], leftOut: 0 });
  });

  it('can be of somebody unknown', async () => {
    expect(await erase('nobody')).toMatchObject({ counts: { events: 0, sessions: 0, aliases: 0, deadLetters: 0 } });
    expect(await data.intake.write([viewAt('nobody', 0, 'a')])).toMatchObject({ accepted: 0, withheld: 1 });
  });

  const plainView = (visitorId: string): object => ({
    type: 'view',
    visitorId,
    itemId: 'i',
    occurredAt: '2026-01-01T00:00:00Z',
  });
});
