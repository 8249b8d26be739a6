import type { Estimate } from '../report.js';
import { markup, type Markup } from './markup.js';

/** Shows a number, such as `54.31%`. */
export type Format = (value: number) => string;

/** A share from 0 to 1 as a percentage. */
export const percent: Format = (value) => `${(value * 100).toFixed(2)}%`;

/** A number with `digits` digits after the point. */
export const decimal =
  (digits: number): Format =>
  (value) =>
    value.toFixed(digits);

/** A whole number, with separators between thousands. */
export const count: Format = (value) => value.toLocaleString('en-US');

/** Something of the report as it is shown; `path` leads to it in the report's JSON, such as `rankers.0.name`. */
export function figure(path: string, shown: string): Markup {
  return markup`<span data-figure="${path}">${shown}</span>`;
}

/** Like {@link figure}, for text that somebody else wrote: its direction of writing does not reach its surroundings. */
export function foreignText(path: string, shown: string): Markup {
  return markup`<bdi data-figure="${path}">${shown}</bdi>`;
}

/** A moment, to the minute, in UTC. */
export function moment(path: string, iso: string): Markup {
  const shown = new Date(iso).toISOString().slice(0, 16).replace('T', ' ');
  return markup`<time datetime="${iso}" data-figure="${path}">${shown}</time> UTC`;
}

/** A measured value and, where one was taken, its interval below it. */
export function estimate(path: string, { value, low, high }: Estimate, format: Format): Markup {
  const bound = (end: 'low' | 'high', at: number) => figure(`${path}.${end}`, format(at).replace('%', ''));
  const interval =
    low === high ? null : markup`<span class="interval">${bound('low', low)}–${bound('high', high)}</span>`;
  return markup`<span class="value">${figure(`${path}.value`, format(value))}</span>${interval}`;
}
