import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ApiKeys } from '#access';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
/** Of another process, such as the command line. */
let elsewhere: ApiKeys;

beforeAll(async () => {
  api = await startTestApi();
  elsewhere = new ApiKeys(api.database.dataSource);
  return () => api.stop();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const models = async (key: string) => (await api.ask('GET', '/v1/models', { key })).status;

test('a key stops working when it expires', async () => {
  const { id, key } = await elsewhere.create('default', 'secret', 'for a while', { lifetimeMs: 3_600_000 });
  expect(await models(key)).toBe(200);
  await api.database.dataSource.query('update api_keys set expires_at = now() where id = $1', [id]);
  await expect.poll(() => models(key), { timeout: 30_000, interval: 100 }).toBe(401);
  const { body } = await api.ask('GET', '/v1/models', { key });
  expect(body).toMatchObject({ code: 'key_unknown', detail: expect.stringContaining('expired') as string });
});

test('a rotated key and its successor both work until the overlap ends', async () => {
  const old = await elsewhere.create('default', 'secret', 'rotated');
  expect(await models(old.key)).toBe(200);
  const made = await elsewhere.rotate('default', old.id, 3_600_000);
  expect([await models(old.key), await models(made.key)]).toEqual([200, 200]);
  await api.database.dataSource.query('update api_keys set expires_at = now() where id = $1', [old.id]);
  await expect.poll(() => models(old.key), { timeout: 30_000, interval: 100 }).toBe(401);
  expect(await models(made.key)).toBe(200);
});

test('a request leaves the time of its key’s last use', async () => {
  const { id, key } = await elsewhere.create('uses', 'secret', '');
  const start = Date.now();
  expect(await models(key)).toBe(200);
  const lastUse = async () => (await elsewhere.list('uses')).find((each) => each.id === id)?.lastUsedAt?.getTime();
  await expect.poll(lastUse, { timeout: 30_000 }).toBeGreaterThan(start - 1_000);
});

test('no key is in a log, an error or the metrics, whatever goes wrong', async () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
  }
  const talkative = await startTestApi({ environment: { LOG_LEVEL: 'verbose' } });
  const keys = [talkative.secretKey, talkative.publicKey, `npk_secret_${'A'.repeat(43)}`];
  try {
    for (const key of keys) {
      for (const [method, path, body] of [
        ['GET', '/v1/models', undefined],
        ['PUT', '/v1/items', { items: [{ itemId: key }] }],
        ['POST', '/v1/events', '{'],
        ['GET', '/v1/nothing', undefined],
      ] as const) {
        const { text } = await talkative.ask(method, path, { key, body });
        expect(text).not.toContain(key);
      }
    }
    await talkative.database.dataSource.query('alter table api_keys rename to hidden');
    await talkative.database.dataSource.query('alter table model_versions rename to hidden_too');
    const failed = await talkative.ask('GET', '/v1/models');
    expect(failed).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    const metrics = await talkative.ask('GET', '/metrics', { key: null });
    const log = written.join('');
    expect(log).toMatch(/GET \/v1\/models: /);
    for (const key of keys) {
      expect(metrics.text).not.toContain(key);
      expect(log).not.toContain(key);
    }
  } finally {
    await talkative.stop();
  }
});
