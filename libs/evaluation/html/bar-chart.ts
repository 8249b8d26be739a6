import type { Measure, RankerFigures } from '../report.js';
import { formatOf, nameOf } from './measures.js';
import { markup, type Markup } from './markup.js';
import { CHART_WIDTH, scaleOf, shortened, shortPercent } from './scale.js';

const [left, right, rowHeight, barHeight, top] = [110, 288, 28, 16, 4];

/** One measure, a share, of every ranker as bars with the ends of their intervals; the first ranker stands out. */
export function rankerBars(rankers: readonly RankerFigures[], measure: Measure, cutoff: number): Markup {
  const rows = rankers.flatMap(({ name, measures }, index) => {
    const estimate = measures[measure];
    return estimate ? [{ name, estimate, path: `rankers.${index}.measures.${measure}`, first: index === 0 }] : [];
  });
  const scale = scaleOf(0, Math.max(0, ...rows.map(({ estimate }) => estimate.high)), left, right);
  const bottom = top + rows.length * rowHeight;
  const grid = scale.ticks.map(
    (tick) => markup`<line class="grid" x1="${scale.at(tick)}" x2="${scale.at(tick)}" y1="${top}" y2="${bottom}"/>
<text class="tick" x="${scale.at(tick)}" y="${bottom + 16}" text-anchor="middle">${shortPercent(tick)}</text>`,
  );
  const bars = rows.map(({ name, estimate: { value, low, high }, path, first }, row) => {
    const middle = top + (row + 0.5) * rowHeight;
    const [from, to] = [scale.at(low), scale.at(high)];
    const whisker = `M${from} ${middle}H${to}M${from} ${middle - 4}v8M${to} ${middle - 4}v8`;
    return markup`<g${first ? markup` class="first"` : null}>
<text class="name" x="${left - 8}" y="${middle + 4}" text-anchor="end">${shortened(name, 17)}<title>${name}</title></text>
<rect class="bar" data-bar="${path}.value" x="${left}" y="${middle - barHeight / 2}" width="${width(left, scale.at(value))}" height="${barHeight}" rx="2"/>
${low === high ? null : markup`<path class="whisker" d="${whisker}"/>`}
<text class="name" x="${CHART_WIDTH - 2}" y="${middle + 4}" text-anchor="end" data-figure="${path}.value">${formatOf(measure)(value)}</text>
</g>`;
  });
  return markup`<svg class="chart" viewBox="0 0 ${CHART_WIDTH} ${bottom + 22}" role="img" aria-label="${nameOf(measure, cutoff)} of every ranker">
${grid}${bars}</svg>`;
}

const width = (from: number, to: number): number => Math.round((to - from) * 100) / 100;
