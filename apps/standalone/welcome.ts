import type { DemoKeys } from './demo-keys.js';

/** What a person needs to go on, once everything runs. */
export interface Welcome {
  /** Of the API, without a path. */
  readonly url: string;
  readonly keys: DemoKeys;
  /** An item of the demo shop. */
  readonly item: { readonly itemId: string; readonly title: string };
}

/** The lines that `npm start` ends with; the two `curl` lines work in any POSIX shell as they stand. */
export function welcome({ url, keys, item }: Welcome): string {
  const { view, ask } = curlLines({ url, keys, item });
  return `
Nextpick is ready: ${url}

  OpenAPI page   ${url}/docs
  public key     ${keys.publicKey}   (sends events, reads recommendations)
  secret key     ${keys.secretKey}   (may do all)

Be a visitor who looks at "${item.title}":

${view}

See what that visitor will want next:

${ask}

The keys are those of the simulated shop, store "demo". README.md tells how to connect your own. Ctrl-C stops everything.`;
}

/** An event that happens when the line is run, and a question about its visitor. */
function curlLines({ url, keys: { publicKey }, item }: Welcome): { view: string; ask: string } {
  const line = (path: string, body: string): string =>
    `curl -sS ${url}${path} -H 'Authorization: Bearer ${publicKey}' -H 'Content-Type: application/json' -d '${body}'`;
  const [id, time] = [`'$(date +%s)'`, `'$(date -u +%Y-%m-%dT%H:%M:%SZ)'`];
  return {
    view: line(
      '/v1/events',
      `{"events":[{"eventId":"${id}","type":"view","visitorId":"me","itemId":"${item.itemId}","occurredAt":"${time}"}]}`,
    ),
    ask: line('/v1/recommendations', '{"visitorId":"me","count":5}'),
  };
}
