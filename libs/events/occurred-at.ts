import { registerDecorator } from 'class-validator';

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const EARLIEST = Date.UTC(2000, 0, 1);
const CLOCK_SKEW = 24 * 60 * 60 * 1000;

/**
 * @param text ISO 8601 with an offset, such as `2026-01-31T12:30:00+01:00`
 * @returns milliseconds since the epoch, NaN for anything else (a day that the month does not have included)
 */
export function parseInstant(text: string): number {
  const [, year, month, day] = (INSTANT.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return Number.NaN;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day <= lastDay ? Date.parse(text) : Number.NaN;
}

/** class-validator: ISO 8601 with an offset. */
export function IsInstant(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isInstant',
      target: target.constructor,
      propertyName: String(property),
      options: { message: 'must be ISO 8601 with an offset, such as 2026-01-31T12:30:00Z' },
      validator: { validate: (value: unknown) => typeof value === 'string' && !Number.isNaN(parseInstant(value)) },
    });
  };
}

/**
 * What is wrong with the time of an event, as the end of a sentence; undefined when it is good. A time before the year
 * 2000 is most often a wrong unit, one in the future a wrong clock, and either would spoil the order of sessions.
 * @param occurredAt milliseconds since the epoch
 * @param now by the receiving clock
 */
export function occurredAtFault(occurredAt: number, now: number): string | undefined {
  if (occurredAt < EARLIEST) {
    const looksLikeSeconds = occurredAt * 1000 >= EARLIEST && occurredAt * 1000 <= now + CLOCK_SKEW;
    return looksLikeSeconds
      ? `is in seconds; it must be in milliseconds (${occurredAt * 1000})`
      : 'is before the year 2000';
  }
  if (occurredAt > now + CLOCK_SKEW) return 'is more than a day in the future';
  return undefined;
}
