import { InvalidInputError } from '#domain';
import { parseInstant } from '#platform';

/** Parses an option that is a whole number from 1. */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw new InvalidInputError('option_invalid', `${option} must be a whole number from 1, not "${text}"`, { option });
  };
}

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Parses an option that is a time, such as 90s, 30m, 2h or 7d, to seconds. */
export function duration(option: string): (text: string) => number {
  return (text) => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
    const seconds = Number(amount) * UNITS[(unit ?? 's') as keyof typeof UNITS];
    if (seconds > 0) return seconds;
    throw new InvalidInputError(
      'option_invalid',
      `${option} must be a number above 0 with s, m, h or d behind it, such as 30m or 7d, not "${text}"`,
      { option },
    );
  };
}

/** Parses an option that is a time of a day, to milliseconds since the epoch. */
export function instant(option: string): (text: string) => number {
  return (text) => {
    const time = parseInstant(text);
    if (Number.isFinite(time)) return time;
    throw new InvalidInputError(
      'option_invalid',
      `${option} must be a time with an offset, such as 2026-01-31T03:00:00Z, not "${text}"`,
      { option },
    );
  };
}
