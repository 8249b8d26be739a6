import type { Random } from '#domain';
import type { Route } from './contract.js';
import { bytesOf, oneOf, rightRequest, withHeader, type Draft, type Keys, type WrongRequest } from './wrong-request.js';

type Break = readonly [string, (draft: Draft, random: Random) => string | Buffer];

/** Bytes that are no HTTP request. */
export function brokenHttp(random: Random, route: Route, keys: Keys): WrongRequest {
  const [fault, write] = oneOf(random, breaks);
  const written = write(rightRequest(route, keys.secret), random);
  const bytes = typeof written === 'string' ? Buffer.from(written, 'latin1') : written;
  return { fault, bytes, verdict: { kind: 'refused or cut off' } };
}

/** The request up to its body, with other bytes in the place of that. */
function chunked(draft: Draft, body: string): Buffer {
  return bytesOf({
    ...withHeader({ ...draft, method: 'POST' }, 'Transfer-Encoding', 'chunked'),
    body: Buffer.from(body, 'latin1'),
  });
}

const line = (text: string): string => `${text}\r\nHost: api.example\r\n\r\n`;

const breaks: readonly Break[] = [
  ['a request line of one word', (_, random) => line(oneOf(random, ['GET', 'x', 'GET/v1/events', '{"events":[]}', ' ']))],
  ['another protocol', ({ target }, random) => line(`GET ${target} ${oneOf(random, ['HTTP/9.9', 'HTTX/1.1', 'http/1.1', 'HTTP/1.', 'HTTP/-1.1'])}`)],
  ['the beginning of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['the beginning of TLS', () => Buffer.from('16030100c8010000c40303', 'hex')],
  ['a method that there is not', ({ target }, random) => line(`${oneOf(random, ['FOO', 'get', 'G@T', '\x00GET', '\xff\xfe', 'GETGETGET'])} ${target} HTTP/1.1`)],
  ['spaces in the path', () => line('GET /v1/items/a b c HTTP/1.1')],
  ['control characters in the path', () => line('GET /v1/\x00\x01\x7f HTTP/1.1')],
  ['a header without a colon', ({ target }) => `GET ${target} HTTP/1.1\r\nHost: api.example\r\nno colon here\r\n\r\n`],
  ['a header before the line', () => 'Host: api.example\r\nGET / HTTP/1.1\r\n\r\n'],
  ['two lengths', (draft) => bytesOf({ ...draft, method: 'POST', headers: [...draft.headers, ['Content-Length', '2'], ['Content-Length', '5']], body: Buffer.from('{}   ') })],
  ['a length and chunks', (draft) => bytesOf({ ...draft, method: 'POST', headers: [...draft.headers, ['Content-Length', '2'], ['Transfer-Encoding', 'chunked']], body: Buffer.from('0\r\n\r\n') })],
  ['a length that is none', (draft, random) => bytesOf({ ...withHeader({ ...draft, method: 'POST' }, 'Content-Length', oneOf(random, ['x', '-1', '1e3', '0x10', '1.5', '', '99999999999999999999999', '1 2'])), body: Buffer.from('{}') })],
  ['another transfer encoding', (draft, random) => bytesOf({ ...withHeader({ ...draft, method: 'POST' }, 'Transfer-Encoding', oneOf(random, ['gzip', 'identity', 'x', 'chunked, gzip', 'chunkedd'])), body: Buffer.from('{}') })],
  ['a chunk whose size is none', (draft, random) => chunked(draft, oneOf(random, ['x\r\n{}\r\n0\r\n\r\n', '-1\r\n', '\r\n\r\n', 'ffffffffffffffffff\r\n{}', '2 2\r\n{}\r\n0\r\n\r\n', '0x2\r\n{}\r\n']))],
  ['a chunk longer than its size', (draft) => chunked(draft, '1\r\n{}{}{}\r\n0\r\n\r\n')],
  ['a request that ends early', (draft, random) => {
    const bytes = bytesOf(draft);
    return bytes.subarray(0, 1 + random.integer(bytes.length - 1));
  }],
  ['a body that ends early', (draft) => bytesOf(withHeader({ ...draft, method: 'POST', body: Buffer.from('{"a":') }, 'Content-Length', '1000'))],
  ['chunks that end early', (draft) => chunked(draft, '5\r\n{"a"')],
  ['random bytes', (_, random) => Buffer.from(Array.from({ length: 1 + random.integer(500) }, () => random.integer(256)))],
  ['a folded header', ({ target }) => `GET ${target} HTTP/1.1\r\nHost: api.example\r\nX-Odd: a\r\n b: c\r\n\0\r\n\r\n`],
  ['a tunnel', () => line('CONNECT shop.example:443 HTTP/1.1')],
]; // prettier-ignore
