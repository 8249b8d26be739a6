import type { Random } from '#domain';
import type { Route } from './contract.js';

/** What a server may say to a request. */
export type Verdict =
  /** A problem with one of these statuses. */
  | { readonly kind: 'refused'; readonly statuses: readonly number[] }
  /** 2xx, but the one record that was sent is rejected. */
  | { readonly kind: 'rejected' }
  /** A problem, or no more than the end of the connection: nobody can say where such a request ends. */
  | { readonly kind: 'refused or cut off' };

/** A request before it is bytes. */
export interface Draft {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

/** A request that breaks the contract, by construction. */
export interface WrongRequest {
  /** What is wrong with it. */
  readonly fault: string;
  readonly bytes: Buffer;
  readonly verdict: Verdict;
}

/** The keys that requests come with. */
export interface Keys {
  readonly secret: string;
  readonly public: string;
  readonly revoked: string;
  readonly expired: string;
  /** Public, for pages of `https://shop.example` alone. */
  readonly forOneOrigin: string;
}

export const refused = (...statuses: number[]): Verdict => ({ kind: 'refused', statuses });

/** One of some things. @throws Error when there is none */
export function oneOf<T>(random: Random, things: readonly T[]): T {
  if (things.length === 0) throw new Error('There is nothing to choose from');
  return things[random.integer(things.length)] as T;
}

/** The request of a route as its documentation has it, which is right. */
export function rightRequest({ method, template, pathParameters, queryParameters, body }: Route, key: string): Draft {
  const path = pathParameters.reduce(
    (filled, { name, value }) => filled.replace(`{${name}}`, encodeURIComponent(value)),
    template,
  );
  const query = new URLSearchParams(queryParameters.map(({ name, value }): [string, string] => [name, value]));
  return {
    method,
    target: query.size === 0 ? path : `${path}?${query.toString()}`,
    headers: [
      ['Host', 'api.example'],
      ['Authorization', `Bearer ${key}`],
      ...(body ? [['Content-Type', 'application/json'] as const] : []),
    ],
    body: body && Buffer.from(JSON.stringify(body.value)),
  };
}

/** The same with another header, instead of one of that name; without it when there is no value. */
export function withHeader(draft: Draft, name: string, value: string | undefined): Draft {
  const others = draft.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...draft, headers: value === undefined ? others : [...others, [name, value]] };
}

/** HTTP/1.1, with the length of the body unless the headers have a say in it; characters of headers are bytes. */
export function bytesOf({ method, target, headers, body }: Draft): Buffer {
  const told = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const length = body && !told ? [['Content-Length', body.length] as const] : [];
  const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  return body ? Buffer.concat([head, body]) : head;
}
