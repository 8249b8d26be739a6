import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let keys: ApiKeys;

beforeAll(async () => {
  database = await createTestDatabase();
  keys = new ApiKeys(database.dataSource);
});
afterAll(() => database.drop());

test('a key tells its store and kind; the database holds only its hash', async () => {
  const { key } = await keys.create('shoes', 'public', 'storefront');
  expect(await keys.authenticate(key)).toEqual({ store: 'shoes', kind: 'public' });
  const rows = await database.dataSource.query<object[]>('select * from api_keys');
  expect(JSON.stringify(rows)).not.toContain(key);
});

test('a key that was never made is nobody’s', async () => {
  const { key } = await keys.create('shoes', 'secret', '');
  const forged = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
  expect(await keys.authenticate(forged)).toBeNull();
  expect(await keys.authenticate("npk_secret_' or 1=1 --")).toBeNull();
});

test('a revoked key is refused at once by the process that revoked it, and stays in the list', async () => {
  const { id, key } = await keys.create('hats', 'secret', 'nightly job');
  await keys.authenticate(key);
  await keys.revoke('hats', id);
  expect(await keys.authenticate(key)).toBeNull();
  const [listed] = await keys.list('hats');
  expect(listed).toMatchObject({ id, kind: 'secret', label: 'nightly job', prefix: key.slice(0, 17) });
  expect(listed?.revokedAt).toBeInstanceOf(Date);
});

test.each(['00000000-0000-4000-8000-000000000000', 'nonsense', "' or 1=1 --"])(
  'revoking what is not there says so: %s',
  async (id) => {
    await expect(keys.revoke('hats', id)).rejects.toMatchObject({ code: 'key_not_found' });
  },
);

test('a store cannot revoke the key of another', async () => {
  const { id, key } = await keys.create('gloves', 'public', '');
  await expect(keys.revoke('scarves', id)).rejects.toMatchObject({ code: 'key_not_found' });
  expect(await keys.authenticate(key)).not.toBeNull();
});

test('no two keys can have one hash', async () => {
  const { id } = await keys.create('belts', 'public', '');
  const copy = database.dataSource.query(
    `insert into api_keys select 'thief', id, kind, hash, prefix, label, created_at, revoked_at from api_keys where id = $1`,
    [id],
  );
  await expect(copy).rejects.toThrow(/api_keys_hash/);
});
