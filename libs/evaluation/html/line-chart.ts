import type { Format } from './figures.js';
import { markup, type Markup } from './markup.js';
import { scaleOf } from './scale.js';

/** Narrower than other charts: three stand side by side. */
const chartWidth = 300;
const [left, right, top, bottom] = [44, chartWidth - 12, 8, 148];

/** A value after an epoch. */
export interface LinePoint {
  readonly epoch: number;
  readonly value: number;
}

/**
 * A value after every epoch as a line.
 * @param points not empty, by epoch
 * @param label says to who cannot see it what the chart shows
 * @param format how a value is shown beside its point
 * @param tickFormat how a value is shown on the axis
 */
export function lineChart(
  points: readonly LinePoint[],
  label: string,
  { format, tickFormat }: { readonly format: Format; readonly tickFormat: Format },
): Markup {
  const values = points.map(({ value }) => value);
  const y = scaleOf(Math.min(...values), Math.max(...values), bottom, top);
  const epochs = points.map(({ epoch }) => epoch);
  const [from, until] = [Math.min(...epochs), Math.max(...epochs)];
  const x = (epoch: number) =>
    Math.round((left + (until === from ? 0.5 : (epoch - from) / (until - from)) * (right - left)) * 100) / 100;
  const stride = Math.ceil((until - from + 1) / 10);
  const rows = y.ticks.map(
    (tick) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>
<text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${tickFormat(tick)}</text>`,
  );
  const columns = epochs
    .filter((epoch) => (epoch - from) % stride === 0)
    .map((epoch) => markup`<text class="tick" x="${x(epoch)}" y="${bottom + 16}" text-anchor="middle">${epoch}</text>`);
  const line = points.map(({ epoch, value }) => `${x(epoch)},${y.at(value)}`).join(' ');
  const dots = points.map(
    ({ epoch, value }) =>
      markup`<circle class="dot" cx="${x(epoch)}" cy="${y.at(value)}" r="3.5"><title>epoch ${epoch}: ${format(value)}</title></circle>`,
  );
  return markup`<svg class="chart first" viewBox="0 0 ${chartWidth} ${bottom + 38}" role="img" aria-label="${label}">
${rows}${columns}<polyline class="line" points="${line}"/>${dots}
<text class="tick" x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle">epoch</text></svg>`;
}
