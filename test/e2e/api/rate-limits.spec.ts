import { beforeAll, expect, test } from 'vitest';
import { ApiKeys, type KeySettings, type KeyHolder } from '#access';
import { startTestApi, type Reply, type TestApi } from '../../support/api.js';

let api: TestApi;
/** Trusts a proxy that runs on this machine. */
let behindProxy: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  return () => api.stop();
});
beforeAll(async () => {
  behindProxy = await startTestApi({ environment: { TRUST_PROXY: '10.0.0.0/8, loopback' } });
  return () => behindProxy.stop();
});

const keyWith = async (settings: KeySettings, kind: KeyHolder['kind'] = 'public', of = api): Promise<string> =>
  (await of.app.get(ApiKeys).create('default', kind, '', settings)).key;

const ask = (key: string, headers: Record<string, string> = {}, of = api): Promise<Reply> =>
  of.ask('POST', '/v1/recommendations', { key, headers, body: { items: ['a'] } });

const limitsIn = ({ headers }: Reply) => [headers.get('ratelimit-policy'), headers.get('ratelimit')];

/** So slow that nothing is earned back while a test runs. */
const slow = (burst: number) => ({ perSecond: 0.0001, burst });

test('every answer to a public key tells the limits and what is left of them, errors too', async () => {
  const key = await keyWith({ limit: { perSecond: 0.5, burst: 40 }, clientLimit: slow(10) });
  const policy = '"client";q=10;w=100000, "key";q=40;w=80';
  expect(limitsIn(await ask(key))).toEqual([
    policy,
    expect.stringMatching(/^"client";r=9;t=10000, "key";r=39;t=[12]$/),
  ]);
  const wrong = await api.ask('POST', '/v1/recommendations', { key, body: { shop: 'x' } });
  expect(wrong.status).toBe(400);
  expect(limitsIn(wrong)).toEqual([policy, expect.stringMatching(/^"client";r=8;t=\d+, "key";r=38;t=\d+$/)]);
  const broken = await api.ask('POST', '/v1/recommendations', { key, body: '{' });
  expect(broken.status).toBe(400);
  expect(limitsIn(broken)).toEqual([policy, expect.stringMatching(/^"client";r=7;/)]);
  const forbidden = await api.ask('GET', '/v1/models', { key });
  expect(forbidden.status).toBe(403);
  expect(limitsIn(forbidden)).toEqual([policy, expect.stringMatching(/^"client";r=6;/)]);
});

test('a new key has no limits, and its answers speak of none', async () => {
  for (const kind of ['public', 'secret'] as const) {
    expect(limitsIn(await ask(await keyWith({}, kind)))).toEqual([null, null]);
  }
});

test('more than the burst gets a 429 that says when to come back; the others are not disturbed', async () => {
  const key = await keyWith({ limit: slow(3), clientLimit: null }, 'secret');
  expect([await ask(key), await ask(key), await ask(key)].map(({ status }) => status)).toEqual([200, 200, 200]);
  const refused = await ask(key);
  expect(refused).toMatchObject({
    status: 429,
    type: 'application/problem+json; charset=utf-8',
    body: { type: 'about:blank', status: 429, title: 'Too Many Requests', code: 'rate_limited' },
  });
  const [policy, left] = limitsIn(refused);
  expect(policy).toBe('"key";q=3;w=30000');
  const [, seconds] = /^"key";r=0;t=(\d+)$/.exec(left ?? '') ?? [];
  expect(refused.headers.get('retry-after')).toBe(seconds);
  expect(refused.text).toContain(`Wait ${seconds ?? '?'} s`);
  expect((await ask(await keyWith({ limit: slow(3) }))).status).toBe(200);
  expect((await api.ask('GET', '/health/live', { key })).status).toBe(200);
});

test('what is over the limit is refused before its body is read', async () => {
  const key = await keyWith({ limit: slow(1), clientLimit: null });
  await ask(key);
  expect((await api.ask('POST', '/v1/events', { key, body: '{' })).status).toBe(429);
});

test('once the time is over, it goes on', async () => {
  const key = await keyWith({ limit: { perSecond: 1, burst: 1 }, clientLimit: null });
  await ask(key);
  await expect.poll(async () => (await ask(key)).status, { timeout: 30_000, interval: 5 }).toBe(429);
  await expect.poll(async () => (await ask(key)).status, { timeout: 30_000 }).toBe(200);
});

test('behind a trusted proxy each client has a limit of its own, and one IPv6 network is one client', async () => {
  const key = await keyWith({ limit: null, clientLimit: slow(2) }, 'public', behindProxy);
  const from = async (forwarded: string) => (await ask(key, { 'x-forwarded-for': forwarded }, behindProxy)).status;
  expect([await from('203.0.113.7'), await from('203.0.113.7'), await from('203.0.113.7')]).toEqual([200, 200, 429]);
  expect(await from('203.0.113.8')).toBe(200);
  expect(await from('203.0.113.7, 10.1.2.3')).toBe(429);
  expect(await from('198.51.100.1, 203.0.113.7')).toBe(429);
  const network = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1::3', '2001:db8:0:2::1'];
  const statuses: number[] = [];
  for (const address of network) statuses.push(await from(address));
  expect(statuses).toEqual([200, 200, 429, 200]);
});

test('without a trusted proxy nobody gets around a limit by the name of another address', async () => {
  const key = await keyWith({ limit: null, clientLimit: slow(1) });
  expect((await ask(key, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(200);
  expect((await ask(key, { 'x-forwarded-for': '203.0.113.8' })).status).toBe(429);
});

test('the documentation tells the headers, and the 429, of every route with a key', async () => {
  const { body } = await api.ask('GET', '/docs-json', { key: null });
  interface Response {
    readonly $ref?: string;
    readonly headers?: object;
  }
  const { paths, components } = body as {
    paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
    components: { responses: Record<string, Response> };
  };
  const resolve = ({ $ref: reference, ...response }: Response): Response =>
    reference === undefined ? response : (components.responses[reference.replace('#/components/responses/', '')] ?? {});
  for (const [path, operations] of Object.entries(paths).filter(([each]) => each.startsWith('/v1/'))) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
      const headers = [success, responses['429']].map((each) => Object.keys(resolve(each ?? {}).headers ?? {}).sort());
      expect({ path, method, headers }).toEqual({
        path,
        method,
        headers: [
          ['RateLimit', 'RateLimit-Policy'],
          ['RateLimit', 'RateLimit-Policy', 'Retry-After'],
        ],
      });
    }
  }
  expect(Object.keys(paths['/health/live']?.get?.responses ?? {})).not.toContain('429');
});
