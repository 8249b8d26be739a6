import { InvalidInputError } from '#domain';
import { parseOrigin } from './origin.js';
import { rateLimit, type KeyLimits } from './rate-limit.js';

/** What a new key may do. */
export interface KeySettings extends Partial<KeyLimits> {
  /** Origins of the pages that may use it in a browser, such as `https://shop.example`; without one, every page may. */
  readonly origins?: readonly string[];
  /** Milliseconds, above 0, until it expires; left out: never. */
  readonly lifetimeMs?: number;
}

/** Unless a key asks for limits it has none: behind a proxy that is not in TRUST_PROXY a whole shop has one address. */
const NO_LIMITS: KeyLimits = { limit: null, clientLimit: null };

/** The columns of `api_keys` that settings decide. */
export interface SettingColumns {
  readonly origins: string[];
  readonly ratePerSecond: number | null;
  readonly rateBurst: number | null;
  readonly clientRatePerSecond: number | null;
  readonly clientRateBurst: number | null;
  readonly expiresAt: Date | null;
}

/** @throws InvalidInputError `origin_invalid`, `rate_invalid` or `lifetime_invalid` */
export function columnsOf(settings: KeySettings, createdAt: Date): SettingColumns {
  const { limit, clientLimit } = checked({ ...NO_LIMITS, ...settings });
  return {
    origins: [...new Set(settings.origins?.map(parseOrigin))],
    ratePerSecond: limit?.perSecond ?? null,
    rateBurst: limit?.burst ?? null,
    clientRatePerSecond: clientLimit?.perSecond ?? null,
    clientRateBurst: clientLimit?.burst ?? null,
    expiresAt: settings.lifetimeMs === undefined ? null : later(createdAt, settings.lifetimeMs),
  };
}

/** The limits that a key is stored with. */
export function limitsOf(columns: SettingColumns): KeyLimits {
  const limit = (perSecond: number | null, burst: number | null) =>
    perSecond === null || burst === null ? null : { perSecond, burst };
  return {
    limit: limit(columns.ratePerSecond, columns.rateBurst),
    clientLimit: limit(columns.clientRatePerSecond, columns.clientRateBurst),
  };
}

/**
 * So many milliseconds after a time.
 * @throws InvalidInputError `lifetime_invalid` unless they are above 0 and end in a year of four digits
 */
export function later(time: Date, milliseconds: number): Date {
  const end = new Date(time.getTime() + milliseconds);
  if (milliseconds > 0 && end.getTime() < Date.UTC(9999, 0)) return end;
  throw new InvalidInputError(
    'lifetime_invalid',
    `A key can live for more than 0 milliseconds and until the year 9999, not for ${milliseconds} milliseconds.`,
  );
}

function checked({ limit, clientLimit }: KeyLimits): KeyLimits {
  return {
    limit: limit && rateLimit(limit.perSecond, limit.burst),
    clientLimit: clientLimit && rateLimit(clientLimit.perSecond, clientLimit.burst),
  };
}
