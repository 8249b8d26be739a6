import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openBrowser } from '../../support/browser.js';

let api: TestApi;
/** Of a shop that is not served by the API. */
let page: Page;
let shop: string;

beforeAll(async () => {
  api = await startTestApi();
  return () => api.stop();
});
beforeAll(async () => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>shop</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  shop = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return () => server.close();
});
beforeAll(async () => {
  const testBrowser = await openBrowser();
  page = await testBrowser.browser.newPage();
  await page.goto(shop);
  return () => testBrowser.close();
});

interface Seen {
  readonly status: number;
  readonly body: unknown;
  readonly limits: string | null;
  readonly retryAfter: string | null;
}

/** What a script of the page gets to see; null when the browser keeps the answer from it. */
function fetchInPage(path: string, key: string, body: object): Promise<Seen | null> {
  const request = {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return page.evaluate<Seen | null>(`fetch(${JSON.stringify(api.url + path)}, ${JSON.stringify(request)}).then(
    async (response) => ({
      status: response.status,
      body: await response.json(),
      limits: response.headers.get('ratelimit'),
      retryAfter: response.headers.get('retry-after'),
    }),
    () => null,
  )`);
}

test('a browser lets the page of a shop send events, ask, and read every answer; pages of others it does not', async () => {
  const keys = api.app.get(ApiKeys);
  const limit = { perSecond: 0.001, burst: 3 };
  const own = await keys.create('default', 'public', '', { origins: [shop], limit });
  const other = await keys.create('default', 'public', '', { origins: ['https://other.example'] });
  const event = { eventId: 'e', type: 'view', visitorId: 'v', itemId: 'a', occurredAt: '2026-01-15T10:00:00Z' };
  expect(await fetchInPage('/v1/events', own.key, { events: [event] })).toMatchObject({
    status: 202,
    body: { accepted: 1 },
    limits: expect.stringContaining('"key";r=2;') as string,
  });
  expect(await fetchInPage('/v1/recommendations', own.key, { items: ['a'] })).toMatchObject({ status: 200 });
  expect(await fetchInPage('/v1/recommendations', own.key, { shop: 1 })).toMatchObject({ status: 400 });
  expect(await fetchInPage('/v1/recommendations', own.key, { items: ['a'] })).toMatchObject({
    status: 429,
    body: { code: 'rate_limited' },
    retryAfter: expect.stringMatching(/^\d+$/) as string,
  });
  expect(await fetchInPage('/v1/recommendations', other.key, { items: ['a'] })).toBeNull();
  expect(await fetchInPage('/v1/models/rollback', api.secretKey, {})).toBeNull();
});
