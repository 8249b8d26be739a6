import { createHash } from 'node:crypto';
import type { EvaluationReport } from '../report.js';
import { bandBars, SHARES } from './band-chart.js';
import { rankerBars } from './bar-chart.js';
import { exampleCards } from './examples.js';
import { count, decimal, estimate, figure, foreignText, moment, percent } from './figures.js';
import { lineChart } from './line-chart.js';
import { formatOf, markedNameOf, meaningOf, nameOf } from './measures.js';
import { embeddedJson, markup, trusted, type Markup, type Part } from './markup.js';
import { coverageAgainstPopularity } from './scatter-chart.js';
import { shortPercent } from './scale.js';
import { style } from './style.js';
import { bandTable, curveTable, measuresTable, sliceTable } from './tables.js';

/** Nothing is loaded from anywhere and no script runs; the one style sheet is known by its checksum. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;

/**
 * The report as one HTML page that needs nothing else: it opens from a file, without a network, and runs no script. The report itself
 * is in it as JSON, in the element `#report`; what shows a value of the report has the attribute `data-figure` with the path to it,
 * such as `rankers.0.measures.precision.value`.
 */
export function renderReport(report: EvaluationReport): string {
  const sections = [
    section('All measures', 'The highlighted ranker is what visitors get; the others are its parts and simpler ways.', [
      measuresTable(report),
    ]),
    comparison(report),
    slices(report),
    popularity(report),
    curve(report),
    report.examples.length === 0
      ? null
      : section('Example sessions', 'What visitors saw, what came next, and the first of what was recommended.', [
          exampleCards(report),
        ]),
  ];
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Evaluation report: ${report.store}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${header(report)}
${sections}
</main>
<script type="application/json" id="report">${embeddedJson(report)}</script>
</body>
</html>
`.toString();
}

function header(report: EvaluationReport): Markup {
  const { data, cutoff, rankers } = report;
  const tiles = (['precision', 'reciprocalRank', 'discountedGain'] as const).map((measure) => {
    const value = rankers[0]?.measures[measure];
    return value
      ? markup`<div class="tile" title="${meaningOf(measure)}"><h2>${markedNameOf(measure, cutoff)}</h2>${estimate(`rankers.0.measures.${measure}`, value, formatOf(measure))}</div>`
      : null;
  });
  const counts = (
    [
      ['trainingSessions', 'sessions learnt from'],
      ['trainingClicks', 'clicks in them'],
      ['items', 'items'],
      ['sessions', 'sessions judged'],
      ['cases', 'cases: clicks to predict'],
    ] as const
  ).map(([key, words]) => markup`<div><dt>${words}</dt><dd>${figure(`data.${key}`, count(data[key]))}</dd></div>`);
  return markup`<header>
<p class="kicker">Nextpick evaluation report</p>
<h1>Store ${foreignText('store', report.store)}</h1>
<p class="subject">${foreignText('subject', report.subject)}</p>
<p class="note">Made ${moment('createdAt', report.createdAt)}. The sessions judged ended between ${moment('data.from', data.from)} and ${moment('data.until', data.until)}.</p>
<div class="tiles">${tiles}</div>
<dl class="counts">${counts}</dl>
</header>`;
}

function comparison({ rankers, cutoff }: EvaluationReport): Markup {
  const charts = (['precision', 'reciprocalRank'] as const).map((measure) =>
    chart(markup`${markedNameOf(measure, cutoff)}`, rankerBars(rankers, measure, cutoff)),
  );
  return section(
    'Against the others',
    'The whiskers are 95% intervals: where they do not overlap, the lead is hardly chance.',
    markup`<div class="charts">${charts}</div>`,
  );
}

function slices(report: EvaluationReport): Markup | null {
  if (report.slices.length === 0) return null;
  const groups = report.slices.map(
    ({ by }, index) => markup`<h3>By ${figure(`slices.${index}.by`, by)}</h3>
${sliceTable(report, index, 'precision')}${sliceTable(report, index, 'reciprocalRank')}`,
  );
  return section('Where it is good and where not', 'The same cases in parts.', groups);
}

function popularity(report: EvaluationReport): Markup | null {
  const scatter = coverageAgainstPopularity(report.rankers);
  const bands = report.popularity.length > 0;
  if (!scatter && !bands) return null;
  const legend = SHARES.map(
    ([share, words]) =>
      markup`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="${share}" width="10" height="10" rx="2"/></svg>${words}</li>`,
  );
  return section(
    'Bestsellers and the rest',
    'Whether it leads to the whole catalogue or to what everybody sees anyway.',
    markup`<div class="charts">
${bands ? chart('Shares by popularity', markup`<ul class="legend">${legend}</ul>${bandBars(report.popularity)}`) : null}
${scatter ? chart('Coverage of the catalogue, by popularity', scatter) : null}
</div>
${bands ? details('The shares in figures', bandTable(report)) : null}`,
  );
}

function curve(report: EvaluationReport): Markup | null {
  if (report.curve.length === 0) return null;
  const loss = report.curve.map((point) => ({ epoch: point.epoch, value: point.loss }));
  const charts = (['precision', 'reciprocalRank'] as const).map((measure) => {
    const points = report.curve.flatMap(({ epoch, validation }) =>
      validation ? [{ epoch, value: validation[measure] }] : [],
    );
    const label = `${nameOf(measure, report.cutoff)} by epoch`;
    return points.length === 0
      ? null
      : chart(
          markup`${markedNameOf(measure, report.cutoff)} on held-out sessions`,
          lineChart(points, label, { format: percent, tickFormat: shortPercent }),
        );
  });
  return section(
    'Training',
    'The loss falls while the network learns; what counts is how it does on sessions that it did not see.',
    markup`<div class="charts three">
${chart('Training loss', lineChart(loss, 'Training loss by epoch', { format: decimal(4), tickFormat: String }))}${charts}</div>
${details('The curves in figures', curveTable(report))}`,
  );
}

function section(title: string, lead: string, content: Part): Markup {
  return markup`<section><h2>${title}</h2><p class="lead">${lead}</p>${content}</section>`;
}

function chart(title: Part, drawing: Markup): Markup {
  return markup`<figure class="card"><figcaption>${title}</figcaption>${drawing}</figure>`;
}

function details(summary: string, content: Markup): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}
