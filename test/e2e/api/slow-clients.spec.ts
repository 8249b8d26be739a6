import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ environment: { HEADERS_TIMEOUT_SECONDS: '0.2', REQUEST_TIMEOUT_SECONDS: '0.4' } });
  return () => api.stop();
});

/** A connection that its own side never ends. */
async function open(): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // A server that cuts a connection off while more comes resets it.
  socket.on('error', () => undefined);
  const closed = once(socket, 'end');
  await once(socket, 'connect');
  return { socket, received: () => text, closed };
}

const head = (length: number): string =>
  `POST /v1/events HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${api.publicKey}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

test.each([
  ['never ends its headers', () => 'POST /v1/events HTTP/1.1\r\nHost: api\r\nX-Slow: '],
  ['never sends its body', () => `${head(100)}{"events":`],
])('a client that %s gets a 408 problem and is cut off', async (_, beginning) => {
  const { socket, received, closed } = await open();
  socket.write(beginning());
  await closed;
  const [headers = '', body = ''] = received().split('\r\n\r\n');
  expect(headers).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(headers.toLowerCase()).toContain('content-type: application/problem+json; charset=utf-8');
  expect(headers.toLowerCase()).toContain('x-content-type-options: nosniff');
  expect(headers.toLowerCase()).toContain('connection: close');
  expect(JSON.parse(body)).toMatchObject({ status: 408, code: 'request_timeout' });
  // The server does not wait for this side to hang up: what is sent now reaches nobody.
  await expect
    .poll(
      () => {
        if (!socket.destroyed) socket.write('x');
        return socket.destroyed;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  expect((await api.ask('GET', '/health/ready', { key: null })).status).toBe(200);
});

test('a client that sends a byte now and then is cut off all the same', async () => {
  const { socket, received, closed } = await open();
  socket.write('GET /health/live HTTP/1.1\r\n');
  const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 20);
  try {
    await closed;
  } finally {
    clearInterval(drip);
    socket.destroy();
  }
  expect(received()).toMatch(/^HTTP\/1\.1 408 /);
});

test('a hundred such clients at once keep nobody else waiting', async () => {
  const slow = await Promise.all(Array.from({ length: 100 }, open));
  for (const { socket } of slow) socket.write('GET / HTTP/1.1\r\nX-Slow: ');
  expect((await api.ask('GET', '/health/ready', { key: null })).status).toBe(200);
  await Promise.all(slow.map(({ closed }) => closed));
  for (const { socket } of slow) socket.destroy();
});
