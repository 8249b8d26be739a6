import { MEASURES, type Estimate, type EvaluationReport, type Measure, type SliceGroup } from '../report.js';
import { count, decimal, estimate, figure, percent } from './figures.js';
import { SHARES } from './band-chart.js';
import { formatOf, markedNameOf, meaningOf } from './measures.js';
import { markup, type Markup, type Part } from './markup.js';

/** Every measure of every ranker, the first ranker highlighted, and what the measures mean. */
export function measuresTable({ rankers, cutoff }: EvaluationReport): Markup {
  const measures = MEASURES.filter((measure) => rankers.some((ranker) => ranker.measures[measure]));
  const heads = measures.map(
    (measure) => markup`<th scope="col" title="${meaningOf(measure)}">${markedNameOf(measure, cutoff)}</th>`,
  );
  const rows = rankers.map(
    ({ name, measures: values }, index) => markup`<tr${index === 0 ? markup` class="first"` : null}>
<th scope="row">${figure(`rankers.${index}.name`, name)}</th>
${measures.map((measure) => cell(`rankers.${index}.measures.${measure}`, values[measure], measure))}</tr>`,
  );
  const notes = measures.map(
    (measure) => markup`<div><dt>${markedNameOf(measure, cutoff)}</dt><dd>${meaningOf(measure)}</dd></div>`,
  );
  return markup`${table([markup`<th scope="col">Ranker</th>`, heads], rows)}
<p class="note">The small figures are the ends of 95% bootstrap intervals: so far could chance, in which sessions were judged, have moved the value.</p>
<dl class="notes">${notes}</dl>`;
}

/** One measure of every ranker in every slice of a group, with small bars that compare within the table. */
export function sliceTable(report: EvaluationReport, groupIndex: number, measure: 'precision' | 'reciprocalRank') {
  const { slices } = report.slices[groupIndex] as SliceGroup;
  const names = report.rankers.map(({ name }) => name).filter((name) => slices.some(({ rankers }) => rankers[name]));
  const most = Math.max(
    ...slices.flatMap(({ rankers }) => Object.values(rankers).map((figures) => figures[measure].value)),
  );
  const first = report.rankers[0]?.name;
  const rows = slices.map(({ label, cases, rankers }, index) => {
    const path = `slices.${groupIndex}.slices.${index}`;
    const cells = names.map((name) => {
      const found = rankers[name]?.[measure];
      const at = `${path}.rankers.${name}.${measure}`;
      const highlight = name === first ? markup` class="first"` : null;
      return found
        ? markup`<td${highlight}>${smallBar(`${at}.value`, found.value / (most || 1))}${estimate(at, found, percent)}</td>`
        : markup`<td${highlight}>–</td>`;
    });
    return markup`<tr><th scope="row">${figure(`${path}.label`, label)}</th>
<td>${figure(`${path}.cases`, count(cases))}</td>${cells}</tr>`;
  });
  const heads = names.map((name) => markup`<th scope="col">${name}</th>`);
  const corner = markup`<th scope="col">${markedNameOf(measure, report.cutoff)}</th><th scope="col">Cases</th>`;
  return table([corner, heads], rows);
}

/** Training loss and validation after every epoch. */
export function curveTable({ curve, cutoff }: EvaluationReport): Markup {
  const share = (path: string, value: number | undefined) =>
    markup`<td>${value === undefined ? '–' : figure(path, percent(value))}</td>`;
  const rows = curve.map(
    (
      { epoch, loss, validation },
      index,
    ) => markup`<tr><th scope="row">${figure(`curve.${index}.epoch`, count(epoch))}</th>
<td>${figure(`curve.${index}.loss`, decimal(4)(loss))}</td>
${share(`curve.${index}.validation.precision`, validation?.precision)}
${share(`curve.${index}.validation.reciprocalRank`, validation?.reciprocalRank)}</tr>`,
  );
  const heads = (['precision', 'reciprocalRank'] as const).map(
    (measure) => markup`<th scope="col">${markedNameOf(measure, cutoff)}</th>`,
  );
  return table([markup`<th scope="col">Epoch</th><th scope="col">Loss</th>`, heads], rows);
}

/** The shares of every popularity band. */
export function bandTable({ popularity }: EvaluationReport): Markup {
  const rows = popularity.map(
    (band, index) => markup`<tr><th scope="row">${figure(`popularity.${index}.band`, count(band.band))}</th>
${SHARES.map(([share]) => markup`<td>${figure(`popularity.${index}.${share}`, percent(band[share]))}</td>`)}</tr>`,
  );
  const heads = SHARES.map(([, words]) => markup`<th scope="col">Of the ${words}</th>`);
  return table([markup`<th scope="col">Tenth</th>`, heads], rows);
}

function cell(path: string, value: Estimate | undefined, measure: Measure): Markup {
  return markup`<td>${value ? estimate(path, value, formatOf(measure)) : '–'}</td>`;
}

/** @param share the bar's part of the width, 0 to 1 */
function smallBar(path: string, share: number): Markup {
  return markup`<svg class="small" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="4"/><rect class="bar" data-bar="${path}" width="${(share * 100).toFixed(2)}" height="4"/></svg>`;
}

/** Wide tables scroll by themselves, the page does not; they take the keyboard so that it can scroll them too. */
function table(heads: Part, rows: readonly Markup[]): Markup {
  return markup`<div class="scroll" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
