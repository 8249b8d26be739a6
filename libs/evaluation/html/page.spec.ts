import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { pathsToShow, wrongFigures } from '../../../test/support/report-figures.js';
import { hostileTitles, sampleReport } from '../../../test/support/sample-report.js';
import type { EvaluationReport } from '../report.js';
import { renderReport } from './page.js';

const report = sampleReport();
const page = renderReport(report);

const characters: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const unescaped = (text: string) => text.replace(/&[a-z#\d]+;/g, (entity) => characters[entity] ?? entity);

function figuresOf(html: string) {
  return [...html.matchAll(/data-figure="([^"]*)">([^<]*)</g)].map(([, path = '', text = '']) => ({
    path: unescaped(path),
    text: unescaped(text),
  }));
}

test('what the page shows is what the report says, and nothing of the report is missing', () => {
  const figures = figuresOf(page);
  expect(wrongFigures(report, figures)).toEqual([]);
  const shown = new Set(figures.map(({ path }) => path));
  expect(pathsToShow(report).filter((path) => !shown.has(path))).toEqual([]);
});

test('the JSON within the page is the report', () => {
  const [, json = ''] = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page) ?? [];
  expect(JSON.parse(json)).toEqual(report);
});

test('text from data stays text', () => {
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page.match(/<\/script/g)).toHaveLength(1);
  expect(page).not.toMatch(/<img|<!--|<b>/);
  for (const title of hostileTitles) expect(page).not.toContain(title);
});

test('a hostile ranker, slice, subject and store stay text in every chart and table', () => {
  const [first] = report.rankers;
  if (!first) throw new Error('The sample has rankers');
  const name = '"><script>alert(1)</script>';
  const hostile = renderReport({
    ...report,
    store: name,
    subject: name,
    rankers: [{ ...first, name }],
    slices: [
      {
        by: name,
        slices: [
          {
            label: name,
            cases: 1,
            rankers: {
              [name]: {
                precision: { value: 0, low: 0, high: 0 },
                reciprocalRank: { value: 0, low: 0, high: 0 },
              },
            },
          },
        ],
      },
    ],
  });
  expect(hostile.match(/<script/g)).toHaveLength(1);
  expect(hostile).not.toContain(name);
});

test('the page asks for nothing from elsewhere, and its policy lets its own style sheet in and no script', () => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(style.length).toBeGreaterThan(1_000);
  expect(unescaped(policy)).toContain(`default-src 'none'; style-src 'sha256-${hash}';`);
  expect(policy).not.toContain('script-src');
  expect(page).not.toMatch(/ style=| on[a-z]+="|@import|url\(/);
  const links = [...page.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, target]) => target);
  expect(links).toEqual(['data:,']);
});

test('parts without data are left out, and values that were not measured are a dash', () => {
  const bare: EvaluationReport = {
    ...report,
    rankers: report.rankers.map(({ name, measures: { precision } }, index) => ({
      name,
      measures: index === 1 || !precision ? {} : { precision },
    })),
    slices: [],
    curve: [],
    popularity: [],
    examples: [],
  };
  const html = renderReport(bare);
  const headings = (of: string) => [...of.matchAll(/<section><h2>([^<]*)</g)].map(([, heading]) => heading);
  expect(headings(page)).toHaveLength(6);
  expect(headings(html)).toEqual(['All measures', 'Against the others']);
  expect(wrongFigures(bare, figuresOf(html))).toEqual([]);
  expect(html).toContain('<td>–</td>');
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});
