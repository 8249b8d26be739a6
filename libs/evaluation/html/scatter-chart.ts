import type { RankerFigures } from '../report.js';
import { markup, type Markup } from './markup.js';
import { CHART_WIDTH, scaleOf, shortened, shortPercent } from './scale.js';

const [left, right, top, bottom, labels, labelHeight] = [46, 236, 10, 210, 254, 16];

/** Coverage (upwards) against popularity (to the right) of every ranker that has both; null when none has. */
export function coverageAgainstPopularity(rankers: readonly RankerFigures[]): Markup | null {
  const points = rankers.flatMap(({ name, measures: { coverage, popularity } }, index) =>
    coverage && popularity ? [{ name, index, coverage: coverage.value, popularity: popularity.value }] : [],
  );
  if (points.length === 0) return null;
  const values = points.map(({ popularity }) => popularity);
  const x = scaleOf(Math.min(...values), Math.max(...values), left, right);
  const y = scaleOf(0, Math.max(...points.map(({ coverage }) => coverage)), bottom, top);
  const rows = y.ticks.map(
    (tick) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>
<text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${shortPercent(tick)}</text>`,
  );
  const columns = x.ticks.map(
    (tick) => markup`<line class="grid" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${top}" y2="${bottom}"/>
<text class="tick" x="${x.at(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
  );
  const sorted = points.toSorted((a, b) => b.coverage - a.coverage);
  const places = apart(sorted.map(({ coverage }) => y.at(coverage)));
  const marks = sorted.map(({ name, index, coverage, popularity }, order) => {
    const [dotX, dotY, labelY] = [x.at(popularity), y.at(coverage), places[order] ?? 0];
    return markup`<g${index === 0 ? markup` class="first"` : null}>
<path class="leader" d="M${dotX} ${dotY}L${labels - 4} ${labelY}"/>
<circle class="dot" data-x="rankers.${index}.measures.popularity.value" data-y="rankers.${index}.measures.coverage.value" cx="${dotX}" cy="${dotY}" r="5"/>
<text class="name" x="${labels}" y="${labelY + 4}">${shortened(name, 16)}<title>${name}</title></text></g>`;
  });
  const height = Math.max(bottom + 38, (places.at(-1) ?? 0) + labelHeight);
  return markup`<svg class="chart" viewBox="0 0 ${CHART_WIDTH} ${height}" role="img" aria-label="Coverage against popularity of every ranker">
${rows}${columns}${marks}
<text class="tick" x="${(left + right) / 2}" y="${bottom + 34}" text-anchor="middle">popularity of what is recommended</text></svg>`;
}

/** Moves labels down (places ascend) until none lies on another, then all of them up as far as the drawing's end asks. */
function apart(places: readonly number[]): number[] {
  const moved: number[] = [];
  for (const place of places) moved.push(Math.max(place, (moved.at(-1) ?? -Infinity) + labelHeight));
  let limit = bottom;
  for (let i = moved.length - 1; i >= 0; i--) {
    moved[i] = Math.max(Math.min(moved[i] ?? 0, limit), top + i * labelHeight);
    limit = (moved[i] ?? 0) - labelHeight;
  }
  return moved;
}
