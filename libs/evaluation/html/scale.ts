/** The width of every chart in its own units, about that of a phone, so that its text stays readable there. */
export const CHART_WIDTH = 360;

/** Takes values to places in a drawing. */
export interface Scale {
  /** Round values within the domain for grid lines, in ascending order; the first and last are the ends of the domain. */
  readonly ticks: readonly number[];
  /** Where a value lies, in drawing units to a hundredth. */
  at(value: number): number;
}

/**
 * A linear scale from the round values around `least` and `most` to the places `start` and `end`.
 * @param least at most `most`; both finite
 */
export function scaleOf(least: number, most: number, start: number, end: number): Scale {
  const step = roundStep((most - least) / 4 || Math.abs(most) / 4 || 1);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(Math.ceil(most / step - 1e-9), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const [low, high] = [first * step, last * step];
  return { ticks, at: (value) => Math.round((start + ((value - low) / (high - low)) * (end - start)) * 100) / 100 };
}

/** The least of 1, 2, 2.5, 5 and 10, times a power of ten, that is at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 2.5, 5].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** A share as short as a mark on an axis allows: `0%`, `2.5%`, `50%`. */
export const shortPercent = (value: number): string => `${Number((value * 100).toPrecision(6))}%`;

/** At most `limit` characters, an ellipsis for the rest. */
export const shortened = (text: string, limit: number): string => {
  const characters = Array.from(text);
  return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : text;
};
