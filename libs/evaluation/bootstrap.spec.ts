import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { estimateParts, pairedDifference } from './bootstrap.js';
import type { JudgedCases } from './judge.js';
import { valueOf } from './measures.js';
import type { Estimate } from './report.js';

/** Judged cases from the ranks of each ranker: `ranks[name][session][case]`. */
function judge(ranks: Record<string, number[][]>, cutoff = 20): JudgedCases {
  const [first = []] = Object.values(ranks);
  const sessionOf = Int32Array.from(first.flatMap((cases, session) => cases.map(() => session)));
  return {
    cutoff,
    sessionOf,
    seen: Int32Array.from(first.flatMap((cases) => cases.map((_, step) => step + 1))),
    targets: new Int32Array(sessionOf.length).fill(1),
    repeated: new Uint8Array(sessionOf.length),
    ranks: new Map(Object.entries(ranks).map(([name, sessions]) => [name, Int32Array.from(sessions.flat())])),
  };
}

function precisionOf(judged: JudgedCases, seed = 1): Estimate {
  const [[[estimate] = []] = []] = estimateParts(judged, new Uint8Array(judged.targets.length), 1, ['precision'], seed);
  if (!estimate) throw new Error('no estimate');
  return estimate;
}

/** Visitors who are easy or hard to predict: the cases of a session hit with probability 0.9 or 0.1, which is 0.5 in all. */
function visitors(count: number, random: Random): number[][] {
  return Array.from({ length: count }, () => {
    const chance = random.uniform() < 0.5 ? 0.9 : 0.1;
    return Array.from({ length: 1 + random.integer(6) }, () => (random.uniform() < chance ? 1 : 0));
  });
}

describe('estimateParts', () => {
  it('holds the truth in about 95 of 100 samples, which drawing single cases would not', () => {
    const random = new Random(11);
    const repetitions = 300;
    let sessionsHold = 0;
    let casesHold = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const sessions = visitors(80, random);
      const drawn = precisionOf(judge({ a: sessions }), repetition);
      if (drawn.low <= 0.5 && 0.5 <= drawn.high) sessionsHold++;
      const single = precisionOf(judge({ a: sessions.flat().map((rank) => [rank]) }), repetition);
      if (single.low <= 0.5 && 0.5 <= single.high) casesHold++;
    }
    // Three standard deviations of a count of 300 around 95%, and a little for the percentile method with 80 sessions.
    expect(sessionsHold / repetitions).toBeGreaterThan(0.9);
    expect(sessionsHold / repetitions).toBeLessThanOrEqual(0.985);
    expect(casesHold / repetitions).toBeLessThan(0.85);
  });

  it('is as wide as theory says where sessions are drawn in groups', () => {
    const random = new Random(3);
    const sessions = Array.from({ length: 10_000 }, () => [random.uniform() < 0.3 ? 4 : 0]);
    const { value, low, high } = precisionOf(judge({ a: sessions }));
    const deviation = Math.sqrt((value * (1 - value)) / sessions.length);
    expect((high - low) / (2 * 1.96 * deviation)).toBeGreaterThan(0.9);
    expect((high - low) / (2 * 1.96 * deviation)).toBeLessThan(1.1);
    expect((high + low) / 2).toBeCloseTo(value, 3);
  });

  it('gives the mean of every measure, ranker and part', () => {
    const judged = judge({ a: [[1, 0], [3]], b: [[2, 2], [0]] });
    const estimates = estimateParts(
      judged,
      Uint8Array.of(0, 1, 1),
      3,
      ['precision', 'reciprocalRank', 'discountedGain'],
      1,
    );
    const values = estimates.map((part) => part.map((ranker) => ranker.map(({ value }) => value)));
    const gain = (rank: number): number => valueOf('discountedGain', rank);
    expect(values.slice(0, 2)).toEqual([
      [
        [1, 1, 1],
        [1, 1 / 2, gain(2)],
      ],
      [
        [1 / 2, 1 / 6, gain(3) / 2],
        [1 / 2, 1 / 4, gain(2) / 2],
      ],
    ]);
    expect(values[2]?.flat()).toEqual(Array(6).fill(Number.NaN));
  });

  it('skips draws in which a part has no case', () => {
    const judged = judge({ a: [[1], [1], [0], [0]] });
    const [[[rare] = []] = []] = estimateParts(judged, Uint8Array.of(0, 1, 1, 1), 2, ['precision'], 1);
    expect(rare).toEqual({ value: 1, low: 1, high: 1 });
  });

  it('depends on nothing but the ranks and the seed', () => {
    const judged = judge({ a: visitors(50, new Random(5)) });
    expect(precisionOf(judged, 7)).toEqual(precisionOf(judged, 7));
    expect(precisionOf(judged, 8)).not.toEqual(precisionOf(judged, 7));
  });
});

describe('pairedDifference', () => {
  // Both hit the same easy sessions; `better` also hits every tenth case that `worse` misses.
  const worse = visitors(400, new Random(9));
  const random = new Random(10);
  const better = worse.map((cases) => cases.map((rank) => (rank === 0 && random.uniform() < 0.1 ? 2 : rank)));
  const judged = judge({ worse, better });

  it('is above 0 for the better one and below for the worse, by the same amount', () => {
    const difference = pairedDifference(judged, ['better', 'worse'], 'precision');
    expect(difference.low).toBeGreaterThan(0);
    expect(difference.value).toBeGreaterThan(difference.low);
    expect(difference.value).toBeLessThan(difference.high);
    const reversed = pairedDifference(judged, ['worse', 'better'], 'precision');
    expect(reversed.value).toBeCloseTo(-difference.value, 12);
    expect(reversed.low).toBeCloseTo(-difference.high, 12);
    expect(reversed.high).toBeCloseTo(-difference.low, 12);
  });

  it('sees what the two means alone cannot tell apart', () => {
    const [of] = estimateParts(judged, new Uint8Array(judged.targets.length), 1, ['precision'], 1);
    const [worseMean, betterMean] = [of?.[0]?.[0], of?.[1]?.[0]];
    expect(betterMean?.low).toBeLessThan(worseMean?.high ?? 0);
    const { value, low, high } = pairedDifference(judged, ['better', 'worse'], 'precision');
    expect(value).toBeCloseTo((betterMean?.value ?? 0) - (worseMean?.value ?? 0), 12);
    expect(high - low).toBeLessThan(((betterMean?.high ?? 0) - (betterMean?.low ?? 0)) / 2);
  });

  it('is 0 between a ranker and itself, for every measure', () => {
    for (const measure of ['precision', 'reciprocalRank', 'discountedGain'] as const) {
      expect(pairedDifference(judged, ['better', 'better'], measure)).toEqual({ value: 0, low: 0, high: 0 });
    }
  });

  it('holds 0 for two that are equally good', () => {
    const pair = judge({
      a: visitors(400, new Random(21)),
      b: visitors(400, new Random(21)).map((cases) => cases.toReversed()),
    });
    const { low, high } = pairedDifference(pair, ['a', 'b'], 'reciprocalRank');
    expect(low).toBeLessThanOrEqual(0);
    expect(high).toBeGreaterThanOrEqual(0);
  });

  it('names the rankers there are when asked for another', () => {
    expect(() => pairedDifference(judged, ['better', 'best'], 'precision')).toThrow(
      'There is no ranker called "best"; those that were judged: worse, better',
    );
  });
});
