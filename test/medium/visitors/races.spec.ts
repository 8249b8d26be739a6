import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVisitorData, viewAt, type VisitorData } from '../../support/visitor-data.js';

describe('events that are stored while their visitor', () => {
  let data: VisitorData;

  beforeEach(async () => {
    data = await createVisitorData();
  });
  afterEach(() => data.database.drop());

  /** Until so many wait for the lock of a visitor. */
  const untilWaiting = (count: number): Promise<void> =>
    expect
      .poll(
        async () => {
          const [row] = await data.database.dataSource.query<{ waiting: number }[]>(
            `select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted
             and database = (select oid from pg_database where datname = current_database())`,
          );
          return row?.waiting;
        },
        { timeout: 30_000, interval: 20 },
      )
      .toBe(count);

  /** Until somebody stands before the receipts, which come last of all, with the visitors locked. */
  const untilAtReceipts = (): Promise<void> =>
    expect
      .poll(
        () =>
          data.database.dataSource.query(
            `select 1 as one from pg_locks where relation = 'visitor_receipts'::regclass and not granted`,
          ),
        { timeout: 30_000, interval: 20 },
      )
      .toEqual([{ one: 1 }]);

  /** Runs `work` while an intake has stored its events and not committed them yet. */
  async function duringIntake(visitorId: string, work: () => Promise<unknown>): Promise<void> {
    let working: Promise<unknown> = Promise.resolve();
    await data.database.dataSource.transaction(async (manager) => {
      await data.intake.write([viewAt(visitorId, 10, 'during')], manager);
      working = work();
      working.catch(() => undefined);
      await untilWaiting(1);
    });
    await working;
  }

  /** Stores events while `work`, an erasure or a merge, has done all and not committed it yet. */
  async function duringWork(visitorId: string, work: () => Promise<unknown>): Promise<unknown> {
    let results: Promise<[unknown, unknown]> | undefined;
    await data.database.dataSource.transaction(async (manager) => {
      await manager.query('lock table visitor_receipts in access exclusive mode');
      const working = work();
      working.catch(() => undefined);
      await untilAtReceipts();
      const intake = data.intake.write([viewAt(visitorId, 10, 'during')]);
      results = Promise.all([working, intake]);
      results.catch(() => undefined);
      await untilWaiting(1);
    });
    return (await results)?.[1];
  }

  const erase = () => data.privacy.erase('shop', 'v');
  const merge = () => data.privacy.merge('shop', 'v', 'w');

  it('is erased are erased, where the intake is first', async () => {
    await data.write(viewAt('v', 0, 'before'));
    await duringIntake('v', erase);
    expect(await data.events()).toEqual([]);
    expect(await data.sessionTexts()).toEqual([]);
  });

  it('is erased are withheld, where the erasure is first', async () => {
    await data.write(viewAt('v', 0, 'before'));
    expect(await duringWork('v', erase)).toEqual({ accepted: 0, duplicates: 0, withheld: 1 });
    expect(await data.events()).toEqual([]);
    expect(await data.sessionTexts()).toEqual([]);
  });

  it('is merged go to the other, where the intake is first', async () => {
    await data.write(viewAt('v', 0, 'before'), viewAt('w', 20, 'other'));
    await duringIntake('v', merge);
    expect(await data.events()).toEqual(['w before', 'w during', 'w other']);
    expect(await data.sessionTexts()).toEqual(['w before,during,other']);
  });

  it('is merged go to the other, where the merge is first', async () => {
    await data.write(viewAt('v', 0, 'before'), viewAt('w', 20, 'other'));
    expect(await duringWork('v', merge)).toEqual({ accepted: 1, duplicates: 0, withheld: 0 });
    expect(await data.events()).toEqual(['w before', 'w during', 'w other']);
    expect(await data.sessionTexts()).toEqual(['w before,during,other']);
  });

  it('was merged go on with that one, where it is merged or erased itself', async () => {
    await data.privacy.merge('shop', 'u', 'v');
    expect(await duringWork('u', merge)).toMatchObject({ accepted: 1 });
    expect(await data.events()).toEqual(['w during']);
    expect(await data.sessionTexts()).toEqual(['w during']);
    await data.database.dataSource.query('truncate events, event_ids, sessions');
    expect(await duringWork('u', () => data.privacy.erase('shop', 'w'))).toMatchObject({ accepted: 0, withheld: 1 });
    expect(await data.events()).toEqual([]);
  });

  it('is merged and erased again and again end in one place', async () => {
    const visitors = Array.from({ length: 6 }, (_, index) => `v${index}`);
    const writes = Array.from({ length: 60 }, (_, index) =>
      data.intake.write(
        [0, 1, 2].map((more) => viewAt(visitors[(index + more) % 6] ?? '', index, `e${index}-${more}`)),
      ),
    );
    const merges = visitors.slice(0, 4).map((visitor, index) => data.privacy.merge('shop', visitor, `v${index + 1}`));
    const results = await Promise.all([...writes, ...merges]);
    expect(results).toHaveLength(64);
    const owners = (await data.events()).map((text) => text.split(' ')[0]);
    expect(owners).toHaveLength(180);
    expect(new Set(owners)).toEqual(new Set(['v4', 'v5']));
    const steps = (await data.sessionTexts()).flatMap((text) => text.split(' ')[1]?.split(',') ?? []);
    expect(new Set(steps).size).toBe(180);
    expect(steps).toHaveLength(180);
    await Promise.all([data.privacy.erase('shop', 'v0'), data.privacy.erase('shop', 'v5')]);
    expect(await data.events()).toEqual([]);
    expect(await data.sessionTexts()).toEqual([]);
  });
});
