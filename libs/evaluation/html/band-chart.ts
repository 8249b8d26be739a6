import type { PopularityBand } from '../report.js';
import { percent } from './figures.js';
import { markup, type Markup } from './markup.js';
import { CHART_WIDTH, scaleOf, shortPercent } from './scale.js';

const [left, right, top, bottom] = [40, CHART_WIDTH - 2, 8, 168];

/** The shares of a band that are drawn side by side, with what they are shares of. */
export const SHARES = [
  ['clicks', 'training clicks'],
  ['targets', 'items that came next'],
  ['recommended', 'recommended items'],
] as const;

/** Shares of clicks, targets and recommendations by popularity band, as groups of bars. */
export function bandBars(bands: readonly PopularityBand[]): Markup {
  const y = scaleOf(0, Math.max(...bands.flatMap((band) => SHARES.map(([share]) => band[share]))), bottom, top);
  const step = (right - left) / bands.length;
  const width = Math.min(24, (step - 4) / SHARES.length);
  const rows = y.ticks.map(
    (tick) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>
<text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${shortPercent(tick)}</text>`,
  );
  const groups = bands.map((band, index) => {
    const middle = left + (index + 0.5) * step;
    const bars = SHARES.map(([share, words], place) => {
      const value = band[share];
      const x = (middle + (place - SHARES.length / 2) * width).toFixed(2);
      return markup`<rect class="${share}" data-bar="popularity.${index}.${share}" x="${x}" y="${y.at(value)}" width="${(width - 1).toFixed(2)}" height="${(bottom - y.at(value)).toFixed(2)}"><title>${percent(value)} of the ${words}</title></rect>`;
    });
    return markup`${bars}<text class="tick" x="${middle.toFixed(2)}" y="${bottom + 16}" text-anchor="middle">${band.band}</text>`;
  });
  return markup`<svg class="chart" viewBox="0 0 ${CHART_WIDTH} ${bottom + 38}" role="img" aria-label="Shares by popularity band">
${rows}${groups}
<text class="tick" x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle">tenth of the catalogue, the most clicked first</text></svg>`;
}
