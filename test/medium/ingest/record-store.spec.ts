import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys } from '#access';
import { DeadLetters, EventIntake, StreamOffsets } from '#events';
import type { StreamRecord } from '#kafka';
import { SessionStore } from '#sessions';
import { VisitorPrivacy, VisitorReceipts } from '#visitors';
import { KnownStores, RecordStore } from '../../../apps/ingest/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { viewText } from '../../support/view-text.js';

const AT = { cluster: 'c', topic: 't', partition: 3 };

describe('RecordStore', () => {
  let database: TestDatabase;
  let offsets: StreamOffsets;
  let deadLetters: DeadLetters;
  let records: RecordStore;

  beforeEach(async () => {
    database = await createTestDatabase();
    const { dataSource } = database;
    offsets = new StreamOffsets(dataSource);
    deadLetters = new DeadLetters(dataSource);
    const intake = new EventIntake(dataSource, new SessionStore(dataSource, 30 * 60_000));
    records = new RecordStore(dataSource, intake, offsets, deadLetters, new KnownStores(new ApiKeys(dataSource)));
    await offsets.begin(AT, 100);
  });
  afterEach(async () => {
    await database.drop();
  });

  const record = (offset: number, value: Buffer | string | null): StreamRecord => ({
    offset,
    key: Buffer.from('v'),
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: { trace: Buffer.from([0, 255]) },
  });
  const storedIds = async (): Promise<string[]> => {
    const rows = await database.dataSource.query<{ id: string }[]>(
      `select store || '/' || event_id as id from events order by 1`,
    );
    return rows.map(({ id }) => id);
  };
  const openLetters = async (): Promise<string[]> =>
    (await deadLetters.open({ limit: 100 })).map(({ offset, rejection }) => `${offset} ${rejection.code}`);

  it('stores events, sessions, dead letters and the offset together', async () => {
    const span = {
      from: 100,
      to: 107,
      records: [
        record(100, viewText('a')),
        record(103, '{"eventId":'),
        record(104, viewText('a')),
        record(106, viewText('b')),
      ],
    };
    expect(await records.store(AT, span)).toMatchObject({ written: 2, duplicates: 1, deadLettered: 1 });
    expect(await storedIds()).toEqual(['default/a', 'default/b']);
    expect(await database.dataSource.query('select item_ids from sessions')).toEqual([{ item_ids: ['a', 'b'] }]);
    expect(await offsets.begin(AT, 0)).toBe(107);
    expect(await deadLetters.open({ limit: 10 })).toMatchObject([
      {
        ...AT,
        offset: 103,
        rejection: { code: 'not_json' },
        key: Buffer.from('v'),
        value: Buffer.from('{"eventId":'),
        headers: { trace: Buffer.from([0, 255]) },
        publishedAt: null,
      },
    ]);
  });

  it('keeps nothing of an event without consent', async () => {
    const without = [
      viewText('a', { consent: false }),
      viewText('b', { consent: 'no' }),
      viewText('c', { consent: false, type: 'look', colour: 'red' }),
      viewText('d', { consent: false, store: 'unheard-of' }),
      JSON.stringify({ specversion: '0.3', data: { visitorId: 'v', consent: false } }),
    ];
    const span = { from: 100, to: 105, records: without.map((text, index) => record(100 + index, text)) };
    expect(await records.store(AT, span)).toMatchObject({ written: 0, deadLettered: 0, withheld: 5 });
    expect(await storedIds()).toEqual([]);
    expect(await openLetters()).toEqual([]);
    expect(await offsets.begin(AT, 0)).toBe(105);
  });

  it('keeps nothing of what an erased visitor did before, not as a dead letter either', async () => {
    const sessions = new SessionStore(database.dataSource, 30 * 60_000);
    const receipts = new VisitorReceipts(database.dataSource);
    await new VisitorPrivacy(database.dataSource, sessions, deadLetters, receipts).erase('default', 'v');
    const span = {
      from: 100,
      to: 103,
      records: [
        record(100, viewText('a')),
        record(101, viewText('b', { visitorId: 'w' })),
        { ...record(102, viewText('c', { store: 'bags' })), key: null },
      ],
    };
    expect(await records.store(AT, span)).toMatchObject({ written: 1, deadLettered: 1, withheld: 1 });
    expect(await storedIds()).toEqual(['default/b']);
    // One that could not be taken, for its store had no key, and whose visitor was erased meanwhile.
    await new VisitorPrivacy(database.dataSource, sessions, deadLetters, receipts).erase('bags', 'v');
    await new ApiKeys(database.dataSource).create('bags', 'public', 'test');
    const [letter] = await deadLetters.open({ limit: 10 });
    expect(letter && (await records.replay(letter))).toBeUndefined();
    expect(await storedIds()).toEqual(['default/b']);
    expect(await database.dataSource.query('select * from dead_letters')).toEqual([]);
  });

  it('stores nothing when the stored offset is another', async () => {
    const span = { from: 99, to: 101, records: [record(99, viewText('a')), record(100, 'poison')] };
    expect(await records.store(AT, span)).toBeUndefined();
    expect(await records.store({ ...AT, partition: 4 }, { ...span, from: 100 })).toBeUndefined();
    expect(await storedIds()).toEqual([]);
    expect(await openLetters()).toEqual([]);
    expect(await offsets.begin(AT, 0)).toBe(100);
  });

  it('lets one of two that store the same records do so', async () => {
    const span = { from: 100, to: 102, records: [record(100, viewText('a')), record(101, 'poison')] };
    const results = await Promise.all([records.store(AT, span), records.store(AT, span), records.store(AT, span)]);
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await storedIds()).toEqual(['default/a']);
    expect(await openLetters()).toEqual(['101 not_json']);
  });

  it('knows a store from its first key on', async () => {
    const { dataSource } = database;
    const of = (store: string): string => viewText(`of-${store}`, { store });
    expect(await records.store(AT, { from: 100, to: 101, records: [record(100, of('shop'))] })).toMatchObject({
      written: 0,
      deadLettered: 1,
    });
    await new ApiKeys(dataSource).create('shop', 'public', 'test');
    const next = {
      from: 101,
      to: 103,
      records: [record(101, viewText('late', { store: 'shop' })), record(102, of('other'))],
    };
    expect(await records.store(AT, next)).toMatchObject({ written: 1, deadLettered: 1 });
    expect(await openLetters()).toEqual(['100 unknown_store', '102 unknown_store']);

    const [first, second] = await deadLetters.open({ limit: 10 });
    if (!first || !second) throw new Error('there are two');
    expect(await records.replay(first)).toBeUndefined();
    expect(await records.replay(second)).toMatchObject({ code: 'unknown_store' });
    expect(await storedIds()).toEqual(['shop/late', 'shop/of-shop']);
    expect(await openLetters()).toEqual(['102 unknown_store']);
  });

  it('finds the records that the database refuses, and stores those around them', async () => {
    await database.dataSource.query(`
      create function refuse() returns trigger language plpgsql as $$
        begin raise exception 'no % here', new.event_id using errcode = '22000'; end $$;
      create trigger refuse before insert on events for each row when (new.event_id like 'bad%') execute function refuse()`);
    const ids = ['a', 'bad1', 'b', 'c', 'd', 'bad2', 'e'];
    const span = { from: 100, to: 110, records: ids.map((id, index) => record(101 + index, viewText(id))) };
    expect(await records.store(AT, span)).toMatchObject({ written: 5, duplicates: 0, deadLettered: 2 });
    expect(await storedIds()).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `default/${id}`));
    expect(await openLetters()).toEqual(['102 database_refused', '106 database_refused']);
    expect(await offsets.begin(AT, 0)).toBe(110);

    const [letter] = await deadLetters.open({ limit: 1 });
    if (!letter) throw new Error('there is one');
    expect(await records.replay(letter)).toMatchObject({ code: 'database_refused' });
  });

  it('does not publish again what it reads again', async () => {
    const span = { from: 100, to: 102, records: [record(100, 'poison'), record(101, 'worse')] };
    await records.store(AT, span);
    await deadLetters.markPublished(AT, 102);
    await offsets.advance(AT, { from: 102, to: 100 });
    await records.store(AT, { ...span, records: [record(100, 'poison'), record(101, 'another')] });
    expect((await deadLetters.unpublished(AT, 10)).map(({ offset, value }) => `${offset} ${String(value)}`)).toEqual([
      '101 another',
    ]);
  });

  it('keeps what Postgres would refuse as text', async () => {
    const odd = record(100, `{"ev\\u0000ent\\ud800":1}`);
    await records.store(AT, { from: 100, to: 101, records: [{ ...odd, headers: { 'a\0b': Buffer.from('x') } }] });
    const [letter] = await deadLetters.open({ limit: 1 });
    expect(letter?.rejection.message).toContain('ev\uFFFDent\uFFFD');
    expect(letter?.headers).toEqual({ 'a\0b': Buffer.from('x') });
  });
});
