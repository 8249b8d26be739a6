import type { FastifyInstance } from 'fastify';

/**
 * For answers that no browser has to show: https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers.
 * A plain table, because answers below the framework (broken HTTP, a broken path) send it too.
 */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** The OpenAPI page has scripts, images and an inline style sheet of its own, and asks this server. */
const documentationPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Only once it came over TLS: RFC 6797, section 7.2. */
const onlyTls = 'max-age=31536000';

/** Sets them on every answer of a server, before anything else may end it. A handler can set others in their place. */
export function sendSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    if (/^\/docs(\/|$)/.test(request.routeOptions.url ?? '')) {
      void reply.header('content-security-policy', documentationPolicy);
    }
    if (request.protocol === 'https') void reply.header('strict-transport-security', onlyTls);
    done();
  });
}
