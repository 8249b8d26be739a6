import { gzipSync } from 'node:zlib';
import type { Random } from '#domain';
import type { Contract, Route } from './contract.js';
import { breakField, placeOf, sitesOf, type Site } from './field-faults.js';
import { wrongFilter } from './filter-faults.js';
import { editedJson } from './json-edit.js';
import {
  bytesOf,
  oneOf,
  refused,
  rightRequest,
  withHeader,
  type Draft,
  type Keys,
  type WrongRequest,
} from './wrong-request.js';

/** A field of a body, or a filter in it, against its schema. */
export function wrongField(contract: Contract, random: Random, route: Route, keys: Keys): WrongRequest | undefined {
  const { body, records } = route;
  if (!body) return undefined;
  const value = records === undefined ? body.value : withOneRecord(random, body.value, records);
  const site = oneOf(random, sitesOf(contract, body.schema, value));
  const wrong = site.isFilter ? filterFault(random, site) : breakField(random, site);
  if (!wrong) return undefined;
  const text = editedJson(value, wrong.edit);
  // Of a list of records each stands alone, but none is looked at in a body that is no JSON or too deep.
  const alone = records !== undefined && site.path[0] === records && site.path.length > 1;
  const inRecord = alone && isJson(text) && depthOf(text) <= 16;
  const draft = { ...rightRequest(route, keys.secret), body: Buffer.from(text) };
  return {
    fault: inRecord ? `a record: ${wrong.fault}` : wrong.fault,
    bytes: bytesOf(noisy(random, draft)),
    verdict: inRecord ? { kind: 'rejected' } : refused(400, 413),
  };
}

/** A body that is no JSON, or not sent as such. */
export function wrongBody(random: Random, route: Route, keys: Keys): WrongRequest | undefined {
  if (!route.body) return undefined;
  const right = rightRequest(route, keys.secret);
  const [fault, change, ...statuses] = oneOf(random, brokenBodies);
  return {
    fault,
    bytes: bytesOf(change(right, JSON.stringify(route.body.value), random)),
    verdict: refused(...statuses),
  };
}

type BrokenBody = readonly [string, (draft: Draft, text: string, random: Random) => Draft, ...number[]];

const body = (draft: Draft, content: string | Buffer): Draft => ({ ...draft, body: Buffer.from(content) });

const brokenBodies: readonly BrokenBody[] = [
  ['JSON that is cut off', (draft, text, random) => body(draft, text.slice(0, random.integer(text.length))), 400],
  ['more after the JSON', (draft, text, random) => body(draft, text + oneOf(random, ['}', 'x', ',', text, '\0', '/**/'])), 400],
  ['something before the JSON', (draft, text, random) => body(draft, oneOf(random, ['\ufeff', ')]}\',\n', '//\n', '\0', 'data:']) + text), 400],
  ['another value than an object', (draft, text, random) => body(draft, oneOf(random, ['null', '7', '"text"', '[]', `[${text}]`, 'true', '1e999', '[null]'])), 400],
  ['a comma too many', (draft, text) => body(draft, text.replace(/\}$/, ',}')), 400],
  ['single quotes', (draft, text) => body(draft, text.replaceAll('"', "'")), 400],
  ['no body', (draft) => ({ ...withHeader(draft, 'content-type', undefined), body: undefined }), 400],
  ['an empty body', (draft, _, random) => body(draft, oneOf(random, ['', ' ', '\r\n'])), 400],
  ['bytes that are no UTF-8', (draft, text, random) => {
    const bytes = Buffer.from(text);
    bytes[1 + random.integer(bytes.length - 1)] = oneOf(random, [0xff, 0xfe, 0xc0, 0xf8]);
    return body(draft, bytes);
  }, 400], // prettier-ignore
  ['surrogates as UTF-8', (draft, text) => body(draft, Buffer.concat([Buffer.from(text.slice(0, 2)), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(text.slice(2))])), 400],
  ['UTF-16', (draft, text) => withHeader(body(draft, Buffer.from(text, 'utf16le')), 'Content-Type', 'application/json; charset=utf-16'), 400, 415],
  ['Latin-1', (draft, text) => withHeader(body(draft, Buffer.from(text.replace(/\}$/, ',"é":1}'), 'latin1')), 'Content-Type', 'application/json; charset=iso-8859-1'), 400, 415],
  ['another content type', (draft, _, random) => withHeader(draft, 'Content-Type', oneOf(random, contentTypes)), 400, 415],
  ['no content type', (draft) => withHeader(draft, 'Content-Type', undefined), 415],
  ['gzip', (draft, text, random) => withHeader(body(draft, oneOf(random, [gzipSync(text), Buffer.from(text)])), 'Content-Encoding', oneOf(random, ['gzip', 'br', 'deflate', 'zstd', 'x', 'gzip, gzip'])), 400, 415],
  ['gzip in secret', (draft, text) => body(draft, gzipSync(text)), 400],
  ['a body that is said to be too large', (draft, _, random) => withHeader(draft, 'Content-Length', oneOf(random, ['5000001', '99999999', '9007199254740991'])), 413],
  ['NUL bytes', (draft, _, random) => body(draft, Buffer.alloc(1 + random.integer(1_000))), 400],
  ['random bytes', (draft, _, random) => body(draft, Buffer.from(Array.from({ length: 1 + random.integer(200) }, () => 128 + random.integer(128)))), 400],
  ['very deep JSON', (draft, _, random) => body(draft, '['.repeat(oneOf(random, [1_000, 50_000]))), 400],
]; // prettier-ignore

const contentTypes = [
  'text/plain', 'text/html', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/problem+json',
  'application/merge-patch+json', 'application/jsonx', 'json', '/', 'application/', ';', '*/*', 'application/octet-stream', 'text/json', '__proto__', 'application/json/x',
]; // prettier-ignore

function filterFault(random: Random, { path, present }: Site): NonNullable<ReturnType<typeof breakField>> {
  const { fault, text } = wrongFilter(random);
  const name = JSON.stringify(String(path.at(-1)));
  return {
    fault: `${placeOf(path)}: ${fault}`,
    edit: present ? { kind: 'replace', path, text } : { kind: 'add', path: path.slice(0, -1), text: `${name}:${text}` },
  };
}

function withOneRecord(
  random: Random,
  value: Readonly<Record<string, unknown>>,
  field: string,
): Record<string, unknown> {
  return { ...value, [field]: [oneOf(random, value[field] as unknown[])] };
}

/** Things that change nothing: what is wrong is refused for what it is, whatever comes with it. */
function noisy(random: Random, draft: Draft): Draft {
  const [name, value] = oneOf(random, noise);
  const query = oneOf(random, [
    '',
    '',
    '',
    '?',
    '?a=%',
    '?__proto__[x]=1',
    '?a=%E0%A4%A&a=b',
    `?${'a=1&'.repeat(500)}`,
    '?%00=%ff',
    '?count=5',
  ]);
  const target = draft.target.includes('?') ? draft.target : draft.target + query;
  return random.integer(4) === 0 ? { ...withHeader(draft, name, value), target } : draft;
}

const noise: readonly (readonly [string, string])[] = [
  ['X-Forwarded-For', '\x80\xff, ::1, 999.999.999.999'],
  ['Accept', '*/*;q=x'],
  ['Accept', 'text/html'],
  ['Cookie', '__proto__=1; =;;'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['If-None-Match', '*'],
  ['Range', 'bytes=-1'],
  ['constructor', '1'],
  ['__proto__', '1'],
  ['Content-Type', 'application/json; charset=latin1'],
  ['Content-Type', 'APPLICATION/JSON'],
  ['traceparent', '00-x'],
  ['Upgrade-Insecure-Requests', 'x'],
  ['X-Long', 'x'.repeat(8_000)],
];

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** How deep something is nested; what is in strings is not. */
function depthOf(json: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of json.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
