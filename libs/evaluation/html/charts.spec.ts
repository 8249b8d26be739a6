import { expect, test } from 'vitest';
import { sampleReport } from '../../../test/support/sample-report.js';
import { rankerBars } from './bar-chart.js';
import { lineChart } from './line-chart.js';
import { decimal } from './figures.js';
import { coverageAgainstPopularity } from './scatter-chart.js';

const exact = (value: number) => ({ value, low: value, high: value });

test('bars and whiskers are as long as the values are large', () => {
  const rankers = [
    { name: 'a', measures: { precision: { value: 0.6, low: 0.4, high: 0.8 } } },
    { name: 'b', measures: {} },
    { name: 'c', measures: { precision: exact(0.3) } },
  ];
  const svg = String(rankerBars(rankers, 'precision', 20));
  const widths = [...svg.matchAll(/data-bar="([^"]+)"[^>]* width="([\d.]+)"/g)].map(([, path, width]) => [
    path,
    Number(width),
  ]);
  const long = widths[0]?.[1] as number;
  expect(widths).toEqual([
    ['rankers.0.measures.precision.value', long],
    ['rankers.2.measures.precision.value', long / 2],
  ]);
  const whiskers = [...svg.matchAll(/class="whisker" d="M([\d.]+) [\d.]+H([\d.]+)/g)];
  const [[, from, to] = []] = whiskers;
  expect(whiskers).toHaveLength(1);
  expect(Number(to) - Number(from)).toBeCloseTo((long * 2) / 3, 2);
});

test('a line chart of one epoch is a point in the middle', () => {
  const svg = String(lineChart([{ epoch: 3, value: 2 }], 'Loss', { format: decimal(4), tickFormat: String }));
  expect(svg).toContain('<title>epoch 3: 2.0000</title>');
  expect(svg).not.toContain('NaN');
});

test('labels of rankers that lie close together do not lie on each other, nor outside the drawing', () => {
  const rankers = Array.from({ length: 9 }, (_, i) => ({
    name: `ranker ${i}`,
    measures: { coverage: exact(0.9 - i / 10_000), popularity: exact(0.5) },
  }));
  for (const each of [rankers, sampleReport().rankers]) {
    const svg = String(coverageAgainstPopularity(each));
    const height = Number(/viewBox="0 0 \d+ ([\d.]+)"/.exec(svg)?.[1]);
    const places = [...svg.matchAll(/class="name" x="\d+" y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(places).toHaveLength(each.length);
    for (const [i, place] of places.entries()) {
      expect(place).toBeGreaterThan(10);
      expect(place).toBeLessThan(height);
      if (i > 0) expect(place - (places[i - 1] ?? 0)).toBeGreaterThanOrEqual(14);
    }
  }
  expect(coverageAgainstPopularity([{ name: 'a', measures: {} }])).toBeNull();
});
