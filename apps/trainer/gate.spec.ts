import { expect, test } from 'vitest';
import type { Estimate, RankersEvaluation } from '#evaluation';
import { CHALLENGER, CHAMPION, judgeGate, MARGIN, notBetterThan, unfairDay, worseThanChampion } from './gate.js';

const estimate = (value: number, low: number, high: number): Estimate => ({ value, low, high });
const even = estimate(0, -1, 1);

test.each([
  ['better by both', estimate(2, 1, 3), estimate(1, 0.5, 1.5), []],
  ['as good, as far as can be told', estimate(-0.4, -3, 2.2), even, []],
  ['of a small shop, worse by chance', estimate(-0.4, -9, 8.2), estimate(-0.3, -6, 5.4), []],
  ['worse by more than the margin', estimate(-0.6, -3, 2), even, [/P@20 is more than 0.5 points worse .*-0.60 points/]],
  ['of a large shop, surely worse by what nobody notices', estimate(-0.05, -0.09, -0.01), even, []],
  ['of a large shop, surely worse within half the margin', even, estimate(-0.29, -0.34, -0.24), []],
  [
    'of a large shop, surely worse by more than half the margin',
    even,
    estimate(-0.3, -0.34, -0.26),
    [/MRR@20 is surely more than 0.25 points worse .*-0.30 points \(95%: -0.34 to -0.26\)/],
  ],
  [
    'surely worse by more than the margin, which is said once',
    estimate(-2, -3, -1),
    even,
    [/P@20 is more than 0.5 points/],
  ],
])('against the champion: %s', (_, p20, mrr20, faults) => {
  const found = worseThanChampion({ p20, mrr20 });
  expect(found).toHaveLength(faults.length);
  for (const [place, fault] of faults.entries()) expect(found[place]).toMatch(fault);
});

test.each([
  ['better by both', estimate(5, 4, 6), estimate(2, 1, 3), 0],
  ['better by one, and perhaps worse by the other', estimate(5, 4, 6), estimate(-0.2, -0.5, 0.1), 0],
  ['better by one and surely worse by the other', estimate(5, 4, 6), estimate(-0.4, -0.5, -0.3), 1],
  ['the same', estimate(0, 0, 0), estimate(0, 0, 0), 1],
])('against a baseline: %s', (_, p20, mrr20, faults) => {
  expect(notBetterThan('popular', { p20, mrr20 })).toHaveLength(faults);
});

test.each([
  ['as ever', { p20Before: 50, found: 48, challenger: 49 }, true],
  ['half is found', { p20Before: 50, found: 25, challenger: 20 }, true],
  ['neither finds half', { p20Before: 50, found: 24, challenger: 24 }, false],
  ['the challenger finds half', { p20Before: 50, found: 3, challenger: 25 }, true],
  ['a week ago it was fine', { p20Before: 50, p20OfWeek: 40, found: 24, challenger: 24 }, false],
  ['it has been so for a week', { p20Before: 50, p20OfWeek: 24, found: 24, challenger: 20 }, true],
  ['nobody knows what was found before', { found: 0, challenger: 0 }, true],
])('whether a day is a fair judge: %s', (_, { found, challenger, ...champion }, fair) => {
  const faults = unfairDay({ version: 'v1', ...champion }, found, challenger);
  expect(faults).toHaveLength(fair ? 0 : 1);
  if (!fair)
    expect(faults[0]).toMatch(/^the newest day is unlike .* finds 24.0% .* 50.0% were .* challenger finds 24.0%/);
});

/** An evaluation in which each ranker gives all 400 targets these ranks, over and over. */
function evaluation(
  ranksOf: Readonly<Record<string, readonly number[]>>,
): Pick<RankersEvaluation, 'judged' | 'rankers' | 'data'> {
  const cases = 400;
  const ranks = new Map(
    Object.entries(ranksOf).map(([name, some]) => [
      name,
      Int32Array.from({ length: cases }, (_, i) => some[i % some.length] ?? 0),
    ]),
  );
  const mean = (name: string, of: (rank: number) => number): Estimate => {
    const sum = Array.from(ranks.get(name) ?? []).reduce((total, rank) => total + of(rank), 0);
    return estimate(sum / cases, sum / cases, sum / cases);
  };
  return {
    judged: {
      cutoff: 20,
      sessionOf: Int32Array.from({ length: cases }, (_, i) => Math.floor(i / 2)),
      seen: new Int32Array(cases).fill(1),
      targets: new Int32Array(cases).fill(1),
      repeated: new Uint8Array(cases),
      ranks,
    },
    rankers: [...ranks.keys()].map((name) => ({
      name,
      measures: {
        precision: mean(name, (rank) => (rank > 0 ? 1 : 0)),
        reciprocalRank: mean(name, (rank) => (rank > 0 ? 1 / rank : 0)),
      },
    })),
    data: { trainingSessions: 1, trainingClicks: 1, items: 1, sessions: 200, cases, from: 'then', until: 'now' },
  };
}

test('the record says who was judged on what, by how much they differ, and why it ended so', () => {
  const figures = evaluation({
    [CHALLENGER]: [1, 2, 0],
    [CHAMPION]: [1, 0, 0],
    network: [9, 9, 9],
    popular: [0, 0, 7],
  });
  const record = judgeGate(figures, { version: 'v1' }, 'if-better');
  expect(record).toMatchObject({
    judged: { from: 'then', until: 'now', sessions: 200, cases: 400 },
    margin: MARGIN,
    champion: { version: 'v1' },
    passed: true,
    override: null,
  });
  expect(record.challenger.p20).toBeCloseTo(200 / 3, 0);
  expect(record.differences?.p20.value).toBeCloseTo(100 / 3, 0);
  expect(record.differences?.p20.low).toBeGreaterThan(25);
  expect(Object.keys(record.baselines)).toEqual(['popular']);
  expect(record.why).toBe('It held its own against the champion v1, popular on 400 predictions.');
});

test('one that is worse does not pass, whoever promotes it all the same', () => {
  const figures = evaluation({ [CHALLENGER]: [1, 0, 0], [CHAMPION]: [1, 2, 0], popular: [1, 1, 1] });
  const record = judgeGate(figures, { version: 'v1' }, 'always');
  expect(record).toMatchObject({ passed: false, override: 'always' });
  expect(record.why).toMatch(
    /more than 0.5 points worse than the champion's.*; it is not better than the baseline "popular"/,
  );
});

test('without a champion there are the baselines to beat', () => {
  const record = judgeGate(evaluation({ [CHALLENGER]: [1], markov: [2] }), null, 'if-better');
  expect(record).toMatchObject({ passed: true, champion: null, differences: null });
});

test('what is found of items that the catalogue does not have speaks for no day', () => {
  const figures = evaluation({ [CHALLENGER]: [1], [CHAMPION]: [0], markov: [2] });
  const champion = { version: 'v1', p20Before: 50 };
  expect(judgeGate(figures, champion, 'if-better', () => true)).toMatchObject({ passed: true });
  const record = judgeGate(figures, champion, 'if-better', () => false);
  expect(record).toMatchObject({ passed: false, challenger: { p20: 100 }, champion: { p20: 0 } });
  expect(record.why).toMatch(/the challenger finds 0\.0% that are in the catalogue\.$/);
});
