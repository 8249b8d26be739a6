import type { FastifyReply } from 'fastify';
import type { KeyHolder, TokenBuckets } from '#access';
import { DomainError } from '#domain';
import { clientOf } from './client-network.js';

/**
 * Counts a request against the limits of its key, and tells how they stand in the headers of
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-11: the policy `key` is of all requests with the key, `client`
 * of those from one address. A policy's window `w` is the seconds in which its whole burst is earned again; `t` is the seconds until
 * one more request than `r` is.
 * @param address of the client
 * @throws DomainError `rate_limited`; `Retry-After` is set then
 */
export function spend(buckets: TokenBuckets, holder: KeyHolder, address: string, reply: FastifyReply): void {
  const policies = [
    { policy: 'client', name: `${holder.id} ${clientOf(address)}`, limit: holder.clientLimit },
    { policy: 'key', name: holder.id, limit: holder.limit },
  ].flatMap(({ limit, ...rest }) => (limit ? [{ ...rest, limit }] : []));
  if (policies.length === 0) return;
  const balances = buckets.take(policies).map((balance, i) => ({ ...balance, policy: policies[i]?.policy ?? '' }));
  void reply.headers({
    'ratelimit-policy': policies
      .map(({ policy, limit: { burst, perSecond } }) => `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`)
      .join(', '),
    ratelimit: balances.map((each) => `"${each.policy}";r=${each.remaining};t=${each.secondsToNext}`).join(', '),
  });
  const exhausted = balances.filter((balance) => balance.exhausted);
  if (exhausted.length === 0) return;
  const seconds = Math.max(...exhausted.map(({ secondsToNext }) => secondsToNext));
  void reply.header('retry-after', seconds);
  const whose = exhausted.some(({ policy }) => policy === 'key') ? 'with this key' : 'with this key from this address';
  throw new DomainError(
    'rateLimited',
    'rate_limited',
    `More requests come ${whose} than it may send. Wait ${seconds} s before the next one; the header RateLimit-Policy has the limits.`,
  );
}
