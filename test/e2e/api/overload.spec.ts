import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { startTestApi, type Reply, type TestApi } from '../../support/api.js';
import { holdTable } from '../../support/held-table.js';
import { figureOf } from '../../support/metrics.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    environment: { MAX_RECOMMENDATIONS_AT_ONCE: '2', MAX_EVENT_REQUESTS_AT_ONCE: '1', SCORING_BUDGET_MS: '60000' },
  });
  return () => api.stop();
});

const recommend = (headers: Record<string, string> = {}): Promise<Reply> =>
  api.ask('POST', '/v1/recommendations', { key: api.publicKey, headers, body: { visitorId: 'v' } });

const send = (eventId: string): Promise<Reply> =>
  api.ask('POST', '/v1/events', {
    key: api.publicKey,
    body: {
      events: [{ eventId, type: 'view', visitorId: 'v', itemId: 'a', occurredAt: new Date().toISOString() }],
    },
  });

const underWay = (lane: string): Promise<number> => figureOf(api.url, `nextpick_requests_under_way{lane="${lane}"}`);

test('more requests than allowed at once get a 503 at once, the others their answers, and then all is as before', async () => {
  const release = await holdTable(api.database.dataSource, 'sessions');
  const held = [recommend(), recommend()];
  await expect.poll(() => underWay('recommendations'), { timeout: 30_000 }).toBe(2);
  const refused = await recommend({ origin: 'https://shop.example' });
  expect(refused).toMatchObject({
    status: 503,
    type: 'application/problem+json; charset=utf-8',
    body: { status: 503, code: 'overloaded' },
  });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('access-control-allow-origin')).toBe('https://shop.example');
  expect(refused.headers.get('x-content-type-options')).toBe('nosniff');

  const heldEvents = send('e-1');
  await expect.poll(() => underWay('events'), { timeout: 30_000 }).toBe(1);
  expect((await send('e-2')).status).toBe(503);

  for (const path of ['/health/live', '/health/ready', '/metrics'])
    expect((await api.ask('GET', path, { key: null })).status).toBe(200);
  expect((await api.ask('GET', '/v1/models')).status).toBe(200);
  expect(await figureOf(api.url, 'nextpick_shed_requests_total{lane="recommendations"}')).toBe(1);
  expect(await figureOf(api.url, 'nextpick_shed_requests_total{lane="events"}')).toBe(1);

  await release();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await heldEvents).status).toBe(202);
  expect([await underWay('recommendations'), await underWay('events')]).toEqual([0, 0]);
  for (let round = 0; round < 3; round++) {
    expect((await Promise.all([recommend(), recommend()])).map(({ status }) => status)).toEqual([200, 200]);
  }
  expect((await send('e-2')).status).toBe(202);
});

test('who hangs up before the body is sent, and who is refused for another reason, takes no place', async () => {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.write(
    `POST /v1/recommendations HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${api.publicKey}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  await expect.poll(() => underWay('recommendations'), { timeout: 30_000 }).toBe(1);
  socket.destroy();
  await expect.poll(() => underWay('recommendations'), { timeout: 30_000 }).toBe(0);
  const bad = await Promise.all([
    api.ask('POST', '/v1/recommendations', { key: null, body: {} }),
    api.ask('POST', '/v1/recommendations', { body: '{' }),
  ]);
  expect(bad.map(({ status }) => status)).toEqual([401, 400]);
  expect(await underWay('recommendations')).toBe(0);
});
