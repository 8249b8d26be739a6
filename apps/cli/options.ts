import { InvalidInputError } from '#domain';

/** Parses an option that is a whole number from 1. */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw new InvalidInputError('option_invalid', `${option} must be a whole number from 1, not "${text}"`, { option });
  };
}
