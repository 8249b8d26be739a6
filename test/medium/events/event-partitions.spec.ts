import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShopEvent } from '#domain';
import { EventIntake, keepEventPartitions, listEventPartitions, makeEventPartitionsAhead, monthOf } from '#events';
import { SessionStore } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const DAY = 86_400_000;
const now = Date.now();

describe('events in partitions', () => {
  let database: TestDatabase;
  let intake: EventIntake;

  beforeEach(async () => {
    database = await createTestDatabase();
    intake = new EventIntake(database.dataSource, new SessionStore(database.dataSource, 30 * 60_000));
  });
  afterEach(() => database.drop());

  const view = (eventId: string, occurredAt: number, visitorId = 'v'): ShopEvent => ({
    store: 'shop',
    eventId,
    type: 'view',
    visitorId,
    items: [{ itemId: 'i' }],
    occurredAt,
  });
  const texts = async (sql: string): Promise<string[]> =>
    (await database.dataSource.query<{ text: string }[]>(sql)).map(({ text }) => text);
  const placed = (): Promise<string[]> =>
    texts(`select tableoid::regclass || ' ' || event_id as text from events order by event_id`);
  const tables = async (): Promise<string[]> =>
    (await listEventPartitions(database.dataSource)).map(({ table }) => table);
  const tableOf = (at: number): string => `events_${new Date(at).toISOString().slice(0, 7).replace('-', '_')}`;

  it('an id is known whatever time, visitor and partition it comes with, also to writers at the same moment', async () => {
    const times = [now, monthOf(now, -1), Date.UTC(2014, 3, 1), Date.UTC(2001, 1, 3)];
    const tries = times.flatMap((time) => [view('a', time), view('a', time, 'w')]);
    const results = await Promise.all(tries.map((event) => intake.write([event])));
    expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1);
    expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(7);
    for (const event of tries) expect(await intake.write([event])).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await placed()).toHaveLength(1);
    expect(await texts('select cardinality(item_ids)::text as text from sessions')).toEqual(['1']);
  });

  it('months of now and of what comes next are there; what is of no month that there is, is taken all the same', async () => {
    expect(await tables()).toEqual([-1, 0, 1, 2].map((ahead) => tableOf(monthOf(now, ahead))));
    await intake.write([view('new', now), view('old', Date.UTC(2014, 3, 1)), view('older', Date.UTC(2000, 0, 1))]);
    expect(await placed()).toEqual([`${tableOf(now)} new`, 'events_default old', 'events_default older']);
  });

  it('a month with many events in the default partition gets its own: nothing is lost, and ids stay known', async () => {
    const spring = Date.UTC(2014, 3, 1);
    const many = Array.from({ length: 10_000 }, (_, index) => view(`m${index}`, spring + index * 60_000, `v${index}`));
    const few = [view('few', spring - 1), view('later', Date.UTC(2014, 4, 1))];
    await intake.write([...many, ...few]);
    await Promise.all([1, 2].map(() => keepEventPartitions(database.dataSource, now)));
    expect((await tables())[0]).toBe('events_2014_04');
    expect(
      await texts(
        `select tableoid::regclass || ' ' || count(*) as text from events group by tableoid order by tableoid::regclass::text`,
      ),
    ).toEqual(['events_2014_04 10000', 'events_default 2']);
    expect(await intake.write([...many, ...few])).toMatchObject({ accepted: 0, duplicates: 10_002 });
    await intake.write([view('next', spring + 2 * DAY)]);
    expect(await texts(`select event_id as text from events_2014_04 where event_id = 'next'`)).toEqual(['next']);
  });

  it('a month that comes without a partition gets one ahead, at a start only where nothing is to be moved', async () => {
    const later = monthOf(now, 4);
    await database.dataSource.query(
      `insert into events (store, event_id, type, visitor_id, occurred_at, received_at)
       values ('shop', 'early', 'view', 'v', $1, now())`,
      [new Date(later)],
    );
    await makeEventPartitionsAhead(database.dataSource, later);
    const wanted = [-1, 0, 1, 2, 5, 6].map((ahead) => tableOf(monthOf(now, ahead)));
    expect(await tables()).toEqual(wanted);
    expect(await placed()).toEqual(['events_default early']);
    await keepEventPartitions(database.dataSource, later);
    expect(await placed()).toEqual([`${tableOf(later)} early`]);
  });
});

describe('the migration to partitions', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it('keeps every event, of whatever time, there and back', async () => {
    const { dataSource } = database;
    const everything = (): Promise<unknown[]> => dataSource.query('select * from events order by store, event_id');
    const undone = ['CreateRetention1764001300000', 'PartitionEvents1764001200000'];
    const undo = async (): Promise<void> => {
      // Migrations that came later are no business of this one.
      for (;;) {
        const [last] = await dataSource.query<{ name: string }[]>(
          'select name from migrations order by id desc limit 1',
        );
        await dataSource.undoLastMigration({ transaction: 'each' });
        if (last?.name === undone.at(-1)) return;
      }
    };
    await undo();
    await dataSource.query(`
      insert into events (store, event_id, type, visitor_id, user_id, session_id, item_id, occurred_at, received_at, details)
      select 'shop', 'e' || i, 'view', 'v' || i % 100, 'u', 's', 'i', timestamptz '2026-02-15 00:00Z' + make_interval(mins => i), now(),
        jsonb '{"requestId":"r"}' from generate_series(1, 40000) as i
      union all select 'second', 'e1', 'search', 'v', null, null, null, '2003-01-01', now(), null
      union all select 'shop', 'now', 'search', 'v', null, null, null, now(), now(), null`);
    const before = await everything();
    const places = (): Promise<unknown[]> =>
      dataSource.query(`select count(*)::int as ids, count(distinct (store, event_id))::int as events from event_ids`);
    await dataSource.runMigrations({ transaction: 'each' });
    expect(await everything()).toEqual(before);
    expect(await places()).toEqual([{ ids: 40_002, events: 40_002 }]);
    expect((await listEventPartitions(dataSource)).map(({ table }) => table).slice(0, 2)).toEqual([
      'events_2026_02',
      'events_2026_03',
    ]);
    await undo();
    expect(await everything()).toEqual(before);
    await dataSource.runMigrations({ transaction: 'each' });
    expect(await everything()).toEqual(before);
  });
});
