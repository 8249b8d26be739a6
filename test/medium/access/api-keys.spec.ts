import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKeys, type KeySettings } from '#access';
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
  expect(await keys.authenticate(key)).toMatchObject({ store: 'shoes', kind: 'public' });
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
    `insert into api_keys (store, id, kind, hash, prefix, label, created_at, origins)
     select 'thief', id, kind, hash, prefix, label, created_at, origins from api_keys where id = $1`,
    [id],
  );
  await expect(copy).rejects.toThrow(/api_keys_hash/);
});

test('a hash that begins like that of a key is not enough', async () => {
  const { id, key } = await keys.create('scarves', 'secret', '');
  await database.dataSource.query(
    'update api_keys set hash = set_byte(hash, 31, 255 - get_byte(hash, 31)) where id = $1',
    [id],
  );
  expect(await keys.authenticate(key)).toBeNull();
});

test('a key has the limits that are given, and else none', async () => {
  await keys.create('limits', 'public', 'public default');
  await keys.create('limits', 'secret', 'secret default');
  await keys.create('limits', 'public', 'given', { limit: { perSecond: 0.5, burst: 7 }, clientLimit: null });
  const { key } = await keys.create('limits', 'secret', 'both', {
    limit: { perSecond: 10, burst: 20 },
    clientLimit: { perSecond: 1, burst: 2 },
  });
  const listed = await keys.list('limits');
  // By label: keys made within one millisecond come in no fixed order.
  expect(Object.fromEntries(listed.map((summary) => [summary.label, summary]))).toMatchObject({
    'public default': { kind: 'public', limit: null, clientLimit: null },
    'secret default': { kind: 'secret', limit: null, clientLimit: null },
    given: { kind: 'public', limit: { perSecond: 0.5, burst: 7 }, clientLimit: null },
    both: { kind: 'secret', limit: { perSecond: 10, burst: 20 }, clientLimit: { perSecond: 1, burst: 2 } },
  });
  expect(await keys.authenticate(key)).toMatchObject({
    limit: { perSecond: 10, burst: 20 },
    clientLimit: { perSecond: 1, burst: 2 },
  });
});

test('origins are kept as browsers send them, each once', async () => {
  const { key } = await keys.create('origins', 'public', '', {
    origins: ['https://Shop.example/', 'https://shop.example:443', 'http://localhost:5173'],
  });
  const origins = ['https://shop.example', 'http://localhost:5173'];
  expect(await keys.authenticate(key)).toMatchObject({ origins });
  expect(await keys.list('origins')).toMatchObject([{ origins }]);
});

test.each<[string, KeySettings]>([
  ['origin_invalid', { origins: ['shop.example'] }],
  ['rate_invalid', { limit: { perSecond: 0, burst: 1 } }],
  ['rate_invalid', { clientLimit: { perSecond: 1, burst: 0.5 } }],
  ['lifetime_invalid', { lifetimeMs: 0 }],
  ['lifetime_invalid', { lifetimeMs: 1e18 }],
])('%s: nothing is stored', async (code, settings) => {
  await expect(keys.create('wrong', 'public', '', settings)).rejects.toMatchObject({ kind: 'invalid', code });
  expect(await keys.list('wrong')).toEqual([]);
});

test('an expired key is refused, though it was known a moment before, and cannot be rotated', async () => {
  const { id, key, expiresAt } = await keys.create('sales', 'public', '', { lifetimeMs: 50 });
  expect(expiresAt).toBeInstanceOf(Date);
  await expect.poll(() => keys.authenticate(key)).toBeNull();
  expect(await keys.list('sales')).toMatchObject([{ id, expiresAt, revokedAt: null }]);
  await expect(keys.rotate('sales', id, 1_000)).rejects.toMatchObject({ code: 'key_not_found' });
});

test('rotation makes a key with the same settings; both work until the overlap ends', async () => {
  const settings = {
    origins: ['https://shop.example'],
    limit: { perSecond: 5, burst: 9 },
    clientLimit: null,
    lifetimeMs: 3_600_000,
  };
  const old = await keys.create('bags', 'public', 'storefront', settings);
  const made = await keys.rotate('bags', old.id, 60_000);
  const listed = await keys.list('bags');
  const [before, after] = [old.id, made.id].map((id) => listed.find((summary) => summary.id === id));
  expect(before).toMatchObject({ id: old.id, replacedBy: made.id, expiresAt: made.oldExpiresAt });
  expect(after).toMatchObject({
    id: made.id,
    kind: 'public',
    label: 'storefront',
    origins: settings.origins,
    limit: settings.limit,
    clientLimit: null,
    replacedBy: null,
    expiresAt: made.expiresAt,
  });
  const lifetime = (after?.expiresAt?.getTime() ?? 0) - (after?.createdAt.getTime() ?? 0);
  expect(lifetime).toBe(settings.lifetimeMs);
  expect(made.oldExpiresAt.getTime() - (after?.createdAt.getTime() ?? 0)).toBe(60_000);
  expect(await keys.authenticate(old.key)).toMatchObject({ id: old.id });
  expect(await keys.authenticate(made.key)).toMatchObject({ id: made.id });
  await database.dataSource.query('update api_keys set expires_at = now() where id = $1', [old.id]);
  const elsewhere = new ApiKeys(database.dataSource);
  expect(await elsewhere.authenticate(old.key)).toBeNull();
  expect(await elsewhere.authenticate(made.key)).toMatchObject({ id: made.id });
});

test('an overlap does not let a key live longer than it would have; one that never expires is followed by such a one', async () => {
  const short = await keys.create('caps', 'secret', '', { lifetimeMs: 60_000 });
  expect((await keys.rotate('caps', short.id, 3_600_000)).oldExpiresAt).toEqual(short.expiresAt);
  const endless = await keys.create('caps', 'secret', '');
  expect((await keys.rotate('caps', endless.id, 3_600_000)).expiresAt).toBeNull();
});

test('a key is replaced once, also when two rotate it at once', async () => {
  const { id } = await keys.create('socks', 'secret', '');
  const outcomes = await Promise.allSettled([keys.rotate('socks', id, 1_000), keys.rotate('socks', id, 1_000)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const successor = (await keys.list('socks')).find(({ replacedBy }) => replacedBy === null);
  await expect(keys.rotate('socks', id, 1_000)).rejects.toMatchObject({
    code: 'key_already_rotated',
    message: expect.stringContaining(successor?.id ?? 'none') as string,
  });
  await expect(keys.rotate('hats', successor?.id ?? '', 1_000)).rejects.toMatchObject({ code: 'key_not_found' });
});

test('which pages may use some public key follows the keys in use', async () => {
  const own = await createTestDatabase();
  try {
    const ownKeys = new ApiKeys(own.dataSource);
    const allowed = (origin: string) => new ApiKeys(own.dataSource).publicKeysAllow(origin);
    await ownKeys.create('a', 'secret', '');
    expect(await allowed('https://a.example')).toBe(false);
    const { id } = await ownKeys.create('a', 'public', '', { origins: ['https://a.example'] });
    expect([await allowed('https://a.example'), await allowed('https://b.example')]).toEqual([true, false]);
    const any = await ownKeys.create('b', 'public', '');
    expect(await allowed('https://b.example')).toBe(true);
    await ownKeys.revoke('b', any.id);
    expect([await allowed('https://a.example'), await allowed('https://b.example')]).toEqual([true, false]);
    await own.dataSource.query('update api_keys set expires_at = now() where id = $1', [id]);
    expect(await allowed('https://a.example')).toBe(false);
  } finally {
    await own.drop();
  }
});

test('a key from before keys had settings works on, with the limits of its kind', async () => {
  const own = await createTestDatabase();
  try {
    const { dataSource } = own;
    const hasSettings = async (): Promise<boolean> => {
      const columns = await dataSource.query<unknown[]>(
        `select from information_schema.columns where table_name = 'api_keys' and column_name = 'origins'`,
      );
      return columns.length > 0;
    };
    const ownKeys = new ApiKeys(dataSource);
    const limit = { perSecond: 1, burst: 1 };
    const made = [
      await ownKeys.create('old', 'public', '', { limit, clientLimit: limit }),
      await ownKeys.create('old', 'secret', '', { limit, clientLimit: limit }),
    ];
    while (await hasSettings()) await dataSource.undoLastMigration();
    await dataSource.runMigrations();
    const holders = await Promise.all(made.map(({ key }) => ownKeys.authenticate(key)));
    expect(holders).toMatchObject([
      { kind: 'public', origins: [], limit: null, clientLimit: null },
      { kind: 'secret', origins: [], limit: null, clientLimit: null },
    ]);
  } finally {
    await own.drop();
  }
});
