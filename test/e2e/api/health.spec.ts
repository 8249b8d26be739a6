import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { startTestApi, type TestApi } from '../../support/api.js';
import { severable } from '../../support/severable-connection.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

test('alive and ready, without a key', async () => {
  expect(await api.ask('GET', '/health/live', { key: null })).toMatchObject({ status: 200, body: { status: 'live' } });
  expect(await api.ask('GET', '/health/ready', { key: null })).toMatchObject({
    status: 200,
    body: { status: 'ready', models: [] },
  });
});

test('metrics count requests by route, and answers by source', async () => {
  await api.ask('POST', '/v1/recommendations', { body: { items: ['a'] } });
  await api.ask('GET', '/v1/models/some/thing');
  const { type, text } = await api.ask('GET', '/metrics', { key: null });
  expect(type).toMatch(/^text\/plain/);
  expect(text).toMatch(
    /nextpick_http_request_duration_seconds_count\{method="POST",route="\/v1\/recommendations",status="200"\} 1/,
  );
  expect(text).toMatch(/status="404"\} 1/);
  expect(text).not.toContain('some/thing');
  expect(text).toMatch(/process_resident_memory_bytes \d+/);
});

test('a key revoked by another process stops working within seconds', async () => {
  const elsewhere = new ApiKeys(api.database.dataSource);
  const { id, key } = await elsewhere.create('default', 'secret', 'soon revoked');
  const ask = async () => (await api.ask('GET', '/v1/models', { key })).status;
  expect(await ask()).toBe(200);
  await elsewhere.revoke('default', id);
  await expect.poll(ask, { timeout: 30_000, interval: 100 }).toBe(401);
});

test('the store of the key decides what is seen', async () => {
  const { key } = await api.app.get(ApiKeys).create('other', 'secret', '');
  const event = { eventId: 'e', type: 'view', visitorId: 'v', itemId: 'a', occurredAt: '2026-01-15T10:00:00Z' };
  for (const holder of [key, api.secretKey]) {
    expect(await api.ask('POST', '/v1/events', { key: holder, body: { events: [event] } })).toMatchObject({
      body: { accepted: 1, duplicates: 0 },
    });
  }
  const stores = await api.database.dataSource.query<{ store: string }[]>('select store from events order by store');
  expect(stores.map(({ store }) => store)).toEqual(['default', 'other']);
});

test('without its database it is not ready and says why, requests get a 503 problem, and it comes back', async () => {
  const connection = await severable(api.database.url);
  const other = await startTestApi({ databaseUrl: connection.url });
  try {
    await connection.sever();
    const ready = await other.ask('GET', '/health/ready', { key: null });
    expect(ready).toMatchObject({ status: 503, type: 'application/problem+json; charset=utf-8' });
    expect(ready.text).toMatch(/database does not answer.*not_ready/);
    expect((await other.ask('GET', '/health/live', { key: null })).status).toBe(200);
    const refused = await other.ask('GET', '/v1/models');
    expect(refused).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
    await connection.mend();
    await expect.poll(async () => (await other.ask('GET', '/health/ready')).status, { timeout: 30_000 }).toBe(200);
    expect((await other.ask('GET', '/v1/models')).status).toBe(200);
  } finally {
    await other.stop();
    await connection.sever();
  }
});
