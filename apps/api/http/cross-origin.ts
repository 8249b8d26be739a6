import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify';
import type { ApiKeys } from '#access';
import { DomainError } from '#domain';
import { ACCESS } from './access.js';

/** What a page's script may read beside the body. */
const exposed = 'RateLimit, RateLimit-Policy, Retry-After';

/** Seconds that a browser may remember a preflight; a key whose origins ask for less than it remembers is checked at each request. */
const preflightLifetime = 600;

/** Lets the page that sent a request read the answer (CORS: https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function allowOrigin(reply: FastifyReply, origin: string): void {
  void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed });
}

/** For a page that may not use the key that it sent, or, without a key, any. */
export function refuseOrigin(origin: string, allowed?: readonly string[]): DomainError {
  const rule = allowed ? `This key is for pages of ${allowed.join(', ')}` : 'No public key is for pages of this origin';
  return new DomainError(
    'forbidden',
    'origin_not_allowed',
    `${rule}; the header Origin says ${origin}. To allow it, make a key with \`keys create --origin\`.`,
  );
}

/**
 * Answers the preflights of the routes that public keys may use. A preflight carries no key, so it is answered with yes where any
 * public key in use, of whatever store, is for that origin; the request that follows is checked against its own key. Other routes
 * have no preflight: no page may use a secret key from a browser. Call before routes are made.
 */
export function answerPreflights(server: FastifyInstance, keys: ApiKeys): void {
  const methodsOf = new Map<string, string[]>();
  server.addHook('onRoute', ({ url, method, config }: RouteOptions) => {
    if ((config as Record<string, unknown> | undefined)?.[ACCESS] !== 'public') return;
    const known = methodsOf.get(url);
    if (known) {
      known.push(...[method].flat());
      return;
    }
    const methods = [method].flat();
    methodsOf.set(url, methods);
    server.options(url, async ({ headers: { origin } }, reply) => {
      void reply.headers({ vary: 'Origin', allow: ['OPTIONS', ...methods].join(', ') });
      if (origin !== undefined) {
        if (!(await keys.publicKeysAllow(origin))) throw refuseOrigin(origin);
        allowOrigin(reply, origin);
        void reply.headers({
          'access-control-allow-methods': methods.join(', '),
          'access-control-allow-headers': 'Authorization, Content-Type',
          'access-control-max-age': preflightLifetime,
        });
      }
      return reply.status(204).send();
    });
  });
}
