import { beforeAll, expect, test } from 'vitest';
import { ApiKeys, KeyUses, type KeyHolder } from '#access';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let keys: ApiKeys;
let holder: KeyHolder;

beforeAll(async () => {
  database = await createTestDatabase();
  return () => database.drop();
});
beforeAll(async () => {
  keys = new ApiKeys(database.dataSource);
  const { key } = await keys.create('shoes', 'secret', '');
  const found = await keys.authenticate(key);
  if (!found) throw new Error('The key just made is unknown');
  holder = found;
});

/** Notes a use as a process would that has just started, and waits until it is written. */
async function useElsewhere(): Promise<void> {
  const uses = new KeyUses(database.dataSource);
  uses.note(holder);
  await uses.beforeApplicationShutdown();
}

const lastUse = async () => (await keys.list('shoes'))[0]?.lastUsedAt;

const setLastUse = (age: string) =>
  database.dataSource.query('update api_keys set last_used_at = now() - $1::interval', [age]);

test('the first use is written; another within a minute is not, by whatever process', async () => {
  expect(await lastUse()).toBeNull();
  const uses = new KeyUses(database.dataSource);
  for (let i = 0; i < 100; i += 1) uses.note(holder);
  await uses.beforeApplicationShutdown();
  const first = await lastUse();
  expect(first).toBeInstanceOf(Date);
  await useElsewhere();
  expect(await lastUse()).toEqual(first);
  await setLastUse('61 seconds');
  const old = await lastUse();
  uses.note(holder);
  await uses.beforeApplicationShutdown();
  expect(await lastUse()).toEqual(old);
  await useElsewhere();
  expect((await lastUse())?.getTime()).toBeGreaterThan(old?.getTime() ?? Infinity);
});

test('a database that fails disturbs nobody', async () => {
  const gone = await createTestDatabase();
  await gone.drop();
  const uses = new KeyUses(gone.dataSource);
  uses.note(holder);
  await expect(uses.beforeApplicationShutdown()).resolves.toBeUndefined();
});
