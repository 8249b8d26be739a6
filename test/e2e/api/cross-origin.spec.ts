import { beforeAll, beforeEach, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { startTestApi, type Reply, type TestApi } from '../../support/api.js';

const shop = 'https://shop.example';
const stranger = 'https://stranger.example';

let api: TestApi;
let keys: ApiKeys;
/** For pages of the shop alone. */
let shopKey: string;

beforeAll(async () => {
  api = await startTestApi();
  keys = api.app.get(ApiKeys);
  return () => api.stop();
});
beforeEach(async () => {
  await api.database.dataSource.query(`delete from api_keys where kind = 'public'`);
  ({ key: shopKey } = await keys.create('default', 'public', '', {
    origins: [shop, 'http://localhost:5173'],
    limit: { perSecond: 0.001, burst: 2 },
  }));
});

const preflight = (path: string, origin: string, method = 'POST'): Promise<Reply> =>
  api.ask('OPTIONS', path, {
    key: null,
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    },
  });

const ask = (key: string | null, origin: string, body: unknown = { items: ['a'] }): Promise<Reply> =>
  api.ask('POST', '/v1/recommendations', { key, body, headers: { origin } });

test.each(['/v1/events', '/v1/recommendations'])(
  'a page of the shop may send to %s, and read what is told',
  async (path) => {
    const reply = await preflight(path, shop);
    expect({ status: reply.status, text: reply.text }).toEqual({ status: 204, text: '' });
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'access-control-allow-origin': shop,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Authorization, Content-Type',
      'access-control-max-age': '600',
      allow: 'OPTIONS, POST',
      vary: 'Origin',
    });
    expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
  },
);

test.each([
  stranger,
  'null',
  'http://shop.example',
  'https://shop.example:8443',
  'https://shop.example.evil.example',
  '*',
])('a preflight from %s is refused while no public key allows it', async (origin) => {
  const reply = await preflight('/v1/events', origin);
  expect(reply).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
  expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  expect(reply.headers.get('vary')).toBe('Origin');
});

test('one public key that is for any page, of whatever store, lets every page ask; its own key decides then', async () => {
  await new ApiKeys(api.database.dataSource).create('other', 'public', '');
  await expect
    .poll(async () => (await preflight('/v1/events', stranger)).headers.get('access-control-allow-origin'), {
      timeout: 30_000,
    })
    .toBe(stranger);
  expect(await ask(shopKey, stranger)).toMatchObject({ status: 403 });
});

test.each([
  ['PUT', '/v1/items'],
  ['GET', '/v1/models'],
  ['POST', '/v1/models/rollback'],
  ['GET', '/health/live'],
])('there is no preflight for %s %s, which no public key may use', async (method, path) => {
  const reply = await preflight(path, shop, method);
  expect(reply.status).toBe(404);
  expect(reply.headers.get('access-control-allow-origin')).toBeNull();
});

test('the request itself is checked against the origins of its key', async () => {
  const allowed = await ask(shopKey, shop);
  expect(allowed.status).toBe(200);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    'access-control-allow-origin': shop,
    'access-control-expose-headers': 'RateLimit, RateLimit-Policy, Retry-After',
    vary: 'Origin',
  });
  const refused = await ask(shopKey, stranger);
  expect(refused).toMatchObject({
    status: 403,
    type: 'application/problem+json; charset=utf-8',
    body: {
      code: 'origin_not_allowed',
      detail: expect.stringMatching(/https:\/\/shop\.example.*Origin says https:\/\/stranger\.example/) as string,
    },
  });
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  expect(refused.headers.get('vary')).toBe('Origin');
  expect(refused.headers.get('ratelimit')).toBeNull();
});

test('a program, which sends no Origin, may use the key', async () => {
  const reply = await api.ask('POST', '/v1/recommendations', { key: shopKey, body: { items: ['a'] } });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  expect(reply.headers.get('vary')).toBe('Origin');
});

test('the page can read what was wrong: a bad body, a limit, an unknown key', async () => {
  const replies = [
    await ask(shopKey, shop, '{'),
    await ask(shopKey, shop, 'x'.repeat(6_000_000)),
    await ask(shopKey, shop),
    await ask(`npk_public_${'A'.repeat(43)}`, shop),
    await ask(null, shop),
  ];
  expect(replies.map(({ status }) => status)).toEqual([400, 413, 429, 401, 401]);
  for (const { headers } of replies) expect(headers.get('access-control-allow-origin')).toBe(shop);
  expect((await ask(null, stranger)).headers.get('access-control-allow-origin')).toBeNull();
});
