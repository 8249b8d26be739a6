import { registerDecorator } from 'class-validator';
import { parseInstant } from './instant.js';

const dayMs = 86_400_000;

/** What is wrong with a text that `parseDay` does not take, to follow the name of its field. */
export const DAY_FORM = 'must be a day from 1970 on, such as 2026-01-31';

/**
 * @param text a day of UTC, such as `2026-01-31`
 * @returns days since the epoch, NaN for anything else and for days before 1970
 */
export function parseDay(text: string): number {
  const midnight = text.length === 10 ? parseInstant(`${text}T00:00:00Z`) : Number.NaN;
  return midnight >= 0 ? midnight / dayMs : Number.NaN;
}

/** The way back of `parseDay`. */
export function formatDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** class-validator: a day, see `parseDay`. */
export function IsDay(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isDay',
      target: target.constructor,
      propertyName: String(property),
      options: { message: DAY_FORM },
      validator: { validate: (value: unknown) => typeof value === 'string' && !Number.isNaN(parseDay(value)) },
    });
  };
}
