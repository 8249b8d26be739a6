import { InvalidInputError } from '#domain';

/** How many requests are let through: `burst` at once, and `perSecond` in the long run. */
export interface RateLimit {
  /** Above 0, at most 1,000,000; 0.5 is one request in two seconds. */
  readonly perSecond: number;
  /** Whole, 1 to 10,000,000. */
  readonly burst: number;
}

/** The limits of one key; null means none. */
export interface KeyLimits {
  /** Of all requests with the key together. */
  readonly limit: RateLimit | null;
  /** Of the requests with the key from one client address. */
  readonly clientLimit: RateLimit | null;
}

const fastest = 1_000_000;
const largestBurst = 10_000_000;

/**
 * A limit. Without a burst, what two seconds bring may come at once.
 * @throws InvalidInputError `rate_invalid`
 */
export function rateLimit(perSecond: number, burst = Math.ceil(2 * perSecond)): RateLimit {
  if (!(perSecond > 0 && perSecond <= fastest)) {
    throw new InvalidInputError(
      'rate_invalid',
      `A rate must be a number of requests a second, above 0 and at most ${fastest}, not ${perSecond}.`,
    );
  }
  if (!(Number.isInteger(burst) && burst >= 1 && burst <= largestBurst)) {
    throw new InvalidInputError(
      'rate_invalid',
      `A burst must be a whole number of requests from 1 to ${largestBurst}, not ${burst}.`,
    );
  }
  return { perSecond, burst };
}
