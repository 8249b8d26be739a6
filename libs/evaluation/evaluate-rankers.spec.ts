import { describe, expect, it } from 'vitest';
import { encodeSessions, randomLists } from '../../test/support/encoded-sessions.js';
import { baselineRankers } from './baselines/baselines.js';
import { evaluateRankers } from './evaluate-rankers.js';
import type { NamedRanker } from './judge.js';
import { evaluate, predictionCases } from './protocol.js';

const training = encodeSessions([
  [1, 2, 3],
  [1, 2],
  [1, 4],
  [5, 1],
]);

const always = (name: string, ...answer: number[]): NamedRanker => ({
  name,
  rank: (prefixes) => Promise.resolve(prefixes.map(() => answer)),
});

describe('evaluateRankers', () => {
  it('computes the figures of each ranker from the same cases', async () => {
    // Item 6 has no clicks in training: it is dropped, so session 0 is 1, 2, 1 and session 2 has no case.
    const sessions = encodeSessions(
      [
        [1, 6, 2, 0, 1],
        [3, 4],
        [6, 5],
      ],
      [1_000, 2_000, 3_000],
    );
    const evaluation = await evaluateRankers({
      sessions,
      training,
      itemCount: 6,
      rankers: [always('first', 1, 2), always('second', 4)],
      categories: [undefined, [7], [8]],
      cutoff: 2,
    });
    const { data, rankers } = evaluation;
    expect(data).toEqual({
      trainingSessions: 4,
      trainingClicks: 9,
      items: 6,
      sessions: 2,
      cases: 3,
      from: '1970-01-01T00:00:01.000Z',
      until: '1970-01-01T00:00:02.000Z',
    });
    const values = rankers.map(({ name, measures }) => [
      name,
      Object.fromEntries(Object.entries(measures).map(([measure, { value }]) => [measure, value])),
    ]);
    // Ranks of targets 2, 1 and 4: 2, 1 and none; none, none and 1. Clicks of items 1 to 6: 4, 2, 1, 1, 1 and 0.
    expect(Object.fromEntries(values)).toEqual({
      first: {
        precision: 2 / 3,
        reciprocalRank: 1.5 / 3,
        discountedGain: (1 / Math.log2(3) + 1) / 3,
        coverage: 2 / 6,
        popularity: (1 + 0.8) / 2,
        novelty: (Math.log2(9 / 4) + Math.log2(9 / 2)) / 2,
        diversity: 1,
      },
      second: {
        precision: 1 / 3,
        reciprocalRank: 1 / 3,
        discountedGain: 1 / 3,
        coverage: 1 / 6,
        popularity: (3 * 0.4) / 3,
        novelty: Math.log2(9),
      },
    });
    expect(rankers[0]?.measures.coverage).toEqual({ value: 1 / 3, low: 1 / 3, high: 1 / 3 });
  });

  it('parts all cases by position, support and repetition', async () => {
    const sessions = encodeSessions([
      [1, 2, 1, 1],
      [3, 4],
    ]);
    const evaluation = await evaluateRankers({
      sessions,
      training,
      itemCount: 5,
      rankers: [always('one', 1)],
      cutoff: 1,
    });
    const shown = evaluation.slices.map(({ by, slices }) => [
      by,
      slices.map(({ label, cases, rankers }) => [label, cases, rankers.one?.precision.value]),
    ]);
    expect(shown).toEqual([
      [
        'clicks seen',
        [
          ['1 click seen', 2, 0],
          ['2 clicks seen', 1, 1],
          ['3 clicks seen', 1, 1],
        ],
      ],
      ['clicks of the target in training', [['1 to 4 clicks', 4, 0.5]]],
      [
        'target seen before in the session',
        [
          ['new in the session', 2, 0],
          ['seen before', 2, 1],
        ],
      ],
    ]);
  });

  describe('on random sessions', () => {
    const itemCount = 120;
    const lists = randomLists(1_500, itemCount, 14, 6);
    const held = randomLists(400, itemCount, 14, 7);
    const older = encodeSessions(lists);
    const sessions = encodeSessions(held);
    const rankers = baselineRankers(older, itemCount);
    const options = { sessions, training: older, itemCount, rankers, cutoff: 10 };

    it('agrees with evaluate, whatever the batch size', async () => {
      const seen = new Set(lists.flat());
      const evaluation = await evaluateRankers({ ...options, batchSize: 17 });
      for (const [place, { rank }] of rankers.entries()) {
        const metrics = await evaluate(
          predictionCases(held, (item) => seen.has(item)),
          rank,
          { cutoff: 10 },
        );
        const { precision, reciprocalRank } = evaluation.rankers[place]?.measures ?? {};
        expect(evaluation.data.cases).toBe(metrics.cases);
        expect(precision?.value).toBeCloseTo(metrics.precision, 12);
        expect(reciprocalRank?.value).toBeCloseTo(metrics.meanReciprocalRank, 12);
      }
      expect(await evaluateRankers(options)).toEqual(evaluation);
    });

    it('has slices that add up to all cases and to the whole figures, and intervals around them', async () => {
      const { data, rankers: whole, slices } = await evaluateRankers(options);
      for (const { slices: parts } of slices) {
        expect(parts.reduce((sum, { cases }) => sum + cases, 0)).toBe(data.cases);
        for (const { name, measures } of whole) {
          for (const measure of ['precision', 'reciprocalRank'] as const) {
            const sum = parts.reduce(
              (total, part) => total + part.cases * (part.rankers[name]?.[measure].value ?? NaN),
              0,
            );
            expect(sum / data.cases).toBeCloseTo(measures[measure]?.value ?? NaN, 10);
            for (const part of parts) {
              const { value = NaN, low = NaN, high = NaN } = part.rankers[name]?.[measure] ?? {};
              expect(low).toBeLessThanOrEqual(value);
              expect(high).toBeGreaterThanOrEqual(value);
            }
          }
        }
      }
    });

    it('shows hits and misses of the first ranker, each from another session, oldest first', async () => {
      const { examples } = await evaluateRankers(options);
      expect(examples).toHaveLength(12);
      expect(examples.filter(({ rank }) => rank === null)).toHaveLength(6);
      const found = examples.map(({ seen, target }) =>
        held.findIndex(
          (list) => list.length > seen.length && [...seen, target].every((item, step) => list[step] === item),
        ),
      );
      expect(found).not.toContain(-1);
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
      for (const { seen, target, rank, recommended } of examples) {
        const [answer = []] = (await rankers[0]?.rank([seen])) ?? [];
        expect(recommended).toEqual(Array.from(answer).slice(0, 6));
        expect(rank ?? 0).toBe(Array.from(answer).slice(0, 10).indexOf(target) + 1);
      }
    });

    it.each([
      ['misses', always('nothing'), 0],
      ['hits', always('everything', ...Array.from({ length: itemCount }, (_, place) => place + 1)), 12],
    ])('shows nothing but %s where there is nothing else', async (_, ranker, hits) => {
      const { examples } = await evaluateRankers({ ...options, rankers: [ranker], cutoff: itemCount });
      expect(examples).toHaveLength(12);
      expect(examples.filter(({ rank }) => rank !== null)).toHaveLength(hits);
    });

    it('tells how far it is', async () => {
      const steps: [number, number][] = [];
      const { data } = await evaluateRankers({
        ...options,
        batchSize: 1_000,
        onProgress: (done, cases) => steps.push([done, cases]),
      });
      const batches = Math.ceil(data.cases / 1_000);
      expect(batches).toBeGreaterThan(1);
      expect(steps).toEqual(
        Array.from({ length: batches }, (_, batch) => [Math.min(data.cases, (batch + 1) * 1_000), data.cases]),
      );
    });

    it('stops when told to', async () => {
      const stop = new AbortController();
      const onProgress = (): void => {
        stop.abort(new Error('enough'));
      };
      await expect(evaluateRankers({ ...options, batchSize: 50, signal: stop.signal, onProgress })).rejects.toThrow(
        'enough',
      );
    });
  });

  const one = { sessions: encodeSessions([[1, 2]]), training, itemCount: 5 };

  it('shows what there is where cases are few', async () => {
    const { examples } = await evaluateRankers({ ...one, rankers: [always('a', 2, 3)] });
    expect(examples).toEqual([{ seen: [1], target: 2, rank: 1, recommended: [2, 3] }]);
  });

  it.each([
    ['there is no ranker', { rankers: [] }, 'give at least one'],
    ['two have one name', { rankers: [always('a', 1), always('a', 2)] }, 'two rankers are called "a"'],
    ['the cutoff is none', { cutoff: 0 }, 'the cutoff must be a whole number from 1 up, not 0'],
    [
      'nothing is known',
      {
        sessions: encodeSessions([
          [1, 9],
          [0, 2],
        ]),
      },
      'no session has two items that the model knows',
    ],
    [
      'a ranker leaves an answer out',
      { rankers: [{ name: 'short', rank: () => Promise.resolve([]) }] },
      'A ranker gave 0 answers to 1 prefixes',
    ],
    ['a ranker makes an item up', { rankers: [always('wild', 6)] }, 'A ranker recommended item 6'],
  ])('refuses when %s', async (_, change, message) => {
    await expect(evaluateRankers({ ...one, rankers: [always('a', 1)], ...change })).rejects.toThrow(message);
  });
});
