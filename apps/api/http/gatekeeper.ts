import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeys, KeyUses, TokenBuckets, type KeyHolder } from '#access';
import { DomainError } from '#domain';
import type { KeyedRequest } from './access.js';
import { allowOrigin, refuseOrigin } from './cross-origin.js';
import { spend } from './rate-limits.js';

/** 10,000 clients of 5 stores at a time, in about 10 MB. */
const mostBuckets = 50_000;

/**
 * Checks the key of a request, the page that it comes from and how often it comes, before its body is read: what is refused costs
 * little, and every answer to a browser, a refusal of the body too, has the headers that let the page read it.
 */
@Injectable()
export class Gatekeeper {
  private readonly buckets = new TokenBuckets(mostBuckets);

  constructor(
    private readonly keys: ApiKeys,
    private readonly uses: KeyUses,
  ) {}

  /** Stands at every route below `/v1/` from now on. */
  guard(server: FastifyInstance): void {
    server.addHook('onRequest', async (request, reply) => {
      const needsKey = request.routeOptions.url?.startsWith('/v1/') === true && request.method !== 'OPTIONS';
      if (needsKey) await this.admit(request, reply);
    });
  }

  private async admit(request: KeyedRequest, reply: FastifyReply): Promise<void> {
    const { origin } = request.headers;
    void reply.header('vary', 'Origin');
    const holder = await this.identify(request, reply);
    if (origin !== undefined) {
      if (holder.origins.length > 0 && !holder.origins.includes(origin)) throw refuseOrigin(origin, holder.origins);
      allowOrigin(reply, origin);
    }
    spend(this.buckets, holder, request.ip, reply);
    this.uses.note(holder);
    request.keyHolder = holder;
  }

  private async identify({ headers }: FastifyRequest, reply: FastifyReply): Promise<KeyHolder> {
    const key = bearer(headers.authorization);
    const holder = key === undefined ? null : await this.keys.authenticate(key);
    if (holder) return holder;
    // Whose page it is, no key tells; one that may use another key gets to read what is wrong.
    if (headers.origin !== undefined && (await this.keys.publicKeysAllow(headers.origin))) {
      allowOrigin(reply, headers.origin);
    }
    throw key === undefined ? keyMissing() : keyUnknown();
  }
}

/** For a request without a key. */
export function keyMissing(): DomainError {
  return new DomainError(
    'unauthenticated',
    'key_missing',
    'The request needs an API key in the header Authorization: Bearer npk_...',
  );
}

function keyUnknown(): DomainError {
  return new DomainError(
    'unauthenticated',
    'key_unknown',
    'The API key is unknown, revoked or expired. `npm run nextpick -- keys list` shows which are in use, `keys create` makes one.',
  );
}

function bearer(header = ''): string | undefined {
  return /^Bearer +(.+)$/i.exec(header)?.[1];
}
