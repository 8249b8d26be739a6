import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { startTestApi, type Question, type TestApi } from '../../support/api.js';
import { openBrowser, type TestBrowser } from '../../support/browser.js';

let api: TestApi;
let testBrowser: TestBrowser;

beforeAll(async () => {
  api = await startTestApi({ environment: { TRUST_PROXY: 'loopback' } });
  return () => api.stop();
});
beforeAll(async () => {
  testBrowser = await openBrowser();
  return () => testBrowser.close();
});

const strict = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

test.each<[string, string, string, Question, number]>([
  ['recommendations', 'POST', '/v1/recommendations', { body: { items: ['a'] } }, 200],
  ['accepted events', 'POST', '/v1/events', { body: { events: [{}] } }, 202],
  ['a preflight', 'OPTIONS', '/v1/events', { key: null, headers: { origin: 'https://shop.example' } }, 204],
  ['nothing to say', 'DELETE', '/v1/items/none', {}, 404],
  ['health', 'GET', '/health/live', { key: null }, 200],
  ['metrics', 'GET', '/metrics', { key: null }, 200],
  ['a wrong field', 'POST', '/v1/recommendations', { body: { shop: 1 } }, 400],
  ['broken JSON', 'POST', '/v1/events', { body: '{' }, 400],
  ['no key', 'GET', '/v1/models', { key: null }, 401],
  ['a public key where a secret one is needed', 'PUT', '/v1/items', { key: 'public' }, 403],
  ['an unknown route', 'GET', '/v1/nothing', {}, 404],
  ['an unknown page', 'GET', '/', { key: null }, 404],
  ['a body that is too large', 'POST', '/v1/events', { body: 'x'.repeat(6_000_000) }, 413],
  ['a path that is too long', 'DELETE', `/v1/items/${'x'.repeat(10_000)}`, {}, 414],
  ['a broken path', 'DELETE', '/v1/items/%E0%A4%A', {}, 400],
  ['a form', 'POST', '/v1/events', { body: 'a=1', type: 'application/x-www-form-urlencoded' }, 415],
])('%s: no browser makes anything of it but data', async (_, method, path, { key, ...question }, status) => {
  const reply = await api.ask(method, path, {
    ...question,
    ...(key !== undefined && { key: key === 'public' ? api.publicKey : key }),
  });
  expect(reply.status).toBe(status);
  expect(Object.fromEntries(reply.headers)).toMatchObject(strict);
  expect([...reply.headers.keys()]).not.toEqual(expect.arrayContaining(['x-powered-by']));
  expect(reply.headers.get('server')).toBeNull();
  expect(reply.headers.get('strict-transport-security')).toBeNull();
});

test('what is not even HTTP gets them too', async () => {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write('HELLO\r\n\r\n');
  await once(socket, 'close');
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  for (const [name, value] of Object.entries(strict)) expect(text).toContain(`${name}: ${value}\r\n`);
});

test('once a proxy says that it came over TLS, browsers are told to stay with it', async () => {
  const { headers } = await api.ask('GET', '/health/live', { headers: { 'x-forwarded-proto': 'https' } });
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
});

test('the OpenAPI page works in a browser, with scripts of its own alone, and can try a route', async () => {
  const context = await testBrowser.browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text());
    });
    const response = await page.goto(`${api.url}/docs`);
    const policy = response?.headers()['content-security-policy'];
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'none'");
    const route = page.locator('#operations-health-getLiveness');
    await route.locator('.opblock-summary-control').click();
    await route.getByRole('button', { name: 'Try it out' }).click();
    await route.getByRole('button', { name: 'Execute' }).click();
    await route.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    expect(await route.locator('.live-responses-table').textContent()).toContain('"status": "live"');
    await page.evaluate(
      `document.head.appendChild(Object.assign(document.createElement('script'), { text: 'window.hacked = 1' }))`,
    );
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(errors.filter((error) => !error.includes('Content Security Policy'))).toEqual([]);
  } finally {
    await context.close();
  }
});
