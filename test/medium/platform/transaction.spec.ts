import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '#platform';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

describe('inTransaction', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.dataSource.query('create table account (name text primary key, amount int not null)');
    await database.dataSource.query(`insert into account values ('a', 0), ('b', 0)`);
  });
  afterAll(async () => {
    await database.drop();
  });

  it('runs the work again after a deadlock, and each work counts once', async () => {
    let runs = 0;
    let arrive = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      let arrived = 0;
      arrive = () => {
        arrived += 1;
        if (arrived === 2) resolve();
      };
    });
    const add = (first: string, second: string): Promise<void> =>
      inTransaction(database.dataSource, async (manager) => {
        runs += 1;
        const increment = 'update account set amount = amount + 1 where name = $1';
        await manager.query(increment, [first]);
        arrive();
        await both;
        await manager.query(increment, [second]);
      });
    await Promise.all([add('a', 'b'), add('b', 'a')]);
    expect(runs).toBe(3);
    expect(await database.dataSource.query('select name, amount from account order by name')).toEqual([
      { name: 'a', amount: 2 },
      { name: 'b', amount: 2 },
    ]);
  });

  it('runs work that fails otherwise once, and undoes it', async () => {
    let runs = 0;
    await expect(
      inTransaction(database.dataSource, async (manager) => {
        runs += 1;
        await manager.query('update account set amount = 100');
        await manager.query('select 1 / 0');
      }),
    ).rejects.toThrow('division by zero');
    expect(runs).toBe(1);
    expect(await database.dataSource.query('select max(amount) as most from account')).toEqual([{ most: 2 }]);
  });
});
