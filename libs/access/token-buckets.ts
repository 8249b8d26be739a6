import { LRUCache } from 'lru-cache';
import type { RateLimit } from './rate-limit.js';

/** A request's wish to be counted in a bucket. */
export interface Claim {
  /** Names the bucket. */
  readonly name: string;
  /** The same at every claim of that name. */
  readonly limit: RateLimit;
}

/** How a bucket stands after a request. */
export interface Balance {
  /** Whether this bucket had nothing left for the request. */
  readonly exhausted: boolean;
  /** Whole requests that it has left. */
  readonly remaining: number;
  /** Seconds, whole and at least 1, until it has one more. */
  readonly secondsToNext: number;
}

interface Bucket {
  tokens: number;
  /** Milliseconds of the clock. */
  filledAt: number;
}

/** Fractions are added up, and a token that is whole but for rounding is whole. */
const rounding = 1e-9;

/**
 * Counts requests against their limits. Each name has a bucket of `burst` tokens, which a request takes one from and which fills up
 * at `perSecond`. Holds at most `capacity` buckets; the one that was asked for least recently gives way, and with it at most one
 * burst is forgiven.
 */
export class TokenBuckets {
  private readonly buckets: LRUCache<string, Bucket>;

  /** `now` gives milliseconds and never goes back. */
  constructor(
    capacity: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.buckets = new LRUCache({ max: capacity });
  }

  /** Takes a token from every bucket that is named, or, when one of them has none, from none. In the order of the claims. */
  take(claims: readonly Claim[]): Balance[] {
    const now = this.now();
    const claimed = claims.map(({ name, limit }) => ({ limit, bucket: this.filled(name, limit, now) }));
    const has = ({ tokens }: Bucket): boolean => tokens >= 1 - rounding;
    const exhausted = claimed.map(({ bucket }) => !has(bucket));
    const cost = exhausted.includes(true) ? 0 : 1;
    return claimed.map(({ limit, bucket }, i) => {
      bucket.tokens = Math.max(0, bucket.tokens - cost);
      const remaining = Math.floor(bucket.tokens + rounding);
      const missing = Math.max(0, remaining + 1 - bucket.tokens);
      return {
        exhausted: exhausted[i] === true,
        remaining,
        secondsToNext: Math.max(1, Math.ceil(missing / limit.perSecond - rounding)),
      };
    });
  }

  private filled(name: string, { perSecond, burst }: RateLimit, now: number): Bucket {
    const known = this.buckets.get(name);
    const bucket = known ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    if (!known) this.buckets.set(name, bucket);
    return bucket;
  }
}
