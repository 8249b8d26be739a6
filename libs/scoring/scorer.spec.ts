import { afterAll, beforeAll, expect, test } from 'vitest';
import { repeatFactors, type BlendWeights } from '#blend';
import { Random } from '#domain';
import { exportServingModel } from '#lstm';
import { NeighbourIndex } from '#neighbours';
import { noFactors, trainRing } from '../../test/support/tiny-model.js';
import { NEIGHBOUR_ITEMS, Scorer, type ScoringParts, type ScoringQuestion } from './scorer.js';

const itemCount = 12;
const random = new Random(4);
const factors = Float32Array.from({ length: itemCount + 1 }, () => Math.exp(random.normal()));
const blend: BlendWeights = { networkShare: 0.45, items: [0, 0, 0], repeats: [-1, 0.8, 0.5, 1.5, 0.7] };

let neighbours: NeighbourIndex;
let network: (itemFactors: Float32Array) => Uint8Array;
/** The network's own probabilities. */
let alone: Scorer;
let blended: Scorer;
const opened: Scorer[] = [];

async function open(parts: Partial<ScoringParts>): Promise<Scorer> {
  const scorer = await Scorer.open(
    { network: network(factors), neighbours, blend, maximumLength: 8, ...parts },
    { intraOpNumThreads: 1 },
  );
  opened.push(scorer);
  return scorer;
}

beforeAll(async () => {
  const ring = await trainRing(itemCount);
  neighbours = NeighbourIndex.build(ring.sessions, itemCount);
  network = (itemFactors) => exportServingModel(ring.network, itemFactors);
  alone = await open({
    network: network(noFactors(itemCount)),
    neighbours: null,
    blend: { networkShare: 1, items: [0, 0, 0], repeats: [0, 0, 0, 0, 0] },
  });
  blended = await open({});
});
afterAll(async () => {
  for (const scorer of opened) await scorer.release();
});

const question = (items: readonly number[], changes: Partial<ScoringQuestion> = {}): ScoringQuestion => ({
  items,
  excluded: [],
  alwaysExcluded: new BigInt64Array(),
  count: itemCount,
  ...changes,
});

interface Expected {
  readonly id: number;
  readonly score: number;
  readonly source: 'network' | 'neighbours';
}

/** What the blend is to say, in plain arithmetic, best first. */
async function expectedAnswer(
  items: readonly number[],
  { maximumLength = 8, index = neighbours }: { maximumLength?: number; index?: NeighbourIndex | null } = {},
): Promise<Expected[]> {
  const [own] = await alone.score([question(items.slice(-maximumLength))]);
  const suggested = index?.suggest(items, NEIGHBOUR_ITEMS);
  const boosts = repeatFactors(items, blend.repeats);
  const odds = (1 - blend.networkShare) / blend.networkShare;
  const weighed = (own?.ids ?? []).map((id, i) => {
    const [probability, share] = [own?.scores[i] ?? NaN, suggested?.shares[suggested.items.indexOf(id)] ?? 0];
    return {
      id,
      score: (probability + odds * share) * (factors[id] ?? NaN) * (boosts.get(id) ?? 1),
      source: odds * share > probability ? ('neighbours' as const) : ('network' as const),
    };
  });
  const sum = weighed.reduce((total, { score }) => total + score, 0);
  return weighed.map((each) => ({ ...each, score: each.score / sum })).sort((a, b) => b.score - a.score);
}

async function answerOf(scorer: Scorer, asked: ScoringQuestion): Promise<Expected[]> {
  const [answer] = await scorer.score([asked]);
  return (answer?.ids ?? []).map((id, i) => ({
    id,
    score: answer?.scores[i] ?? NaN,
    source: answer?.sources[i] ?? 'network',
  }));
}

function expectSame(found: readonly Expected[], expected: readonly Expected[]): void {
  expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  expect(found.map(({ source }) => source)).toEqual(expected.map(({ source }) => source));
  for (const [i, { score }] of expected.entries()) expect(found[i]?.score).toBeCloseTo(score, 5);
}

const sessions = [[5], [5, 6], [3, 4, 3, 3], [12, 1, 2, 3, 4], [9, 2, 9, 7, 2, 1, 1, 8]];

test.each(sessions.map((items) => [items]))(
  'after %j an answer is (network + odds x share) x item factor x boost, over the whole catalogue',
  async (items) => {
    const found = await answerOf(blended, question(items));
    expectSame(found, await expectedAnswer(items));
    expect(found.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
  },
);

test('an answer says of each item which part gave more', async () => {
  const answers = await blended.score(sessions.map((items) => question(items)));
  expect(new Set(answers.flatMap(({ sources }) => sources))).toEqual(new Set(['network', 'neighbours']));
  const own = await alone.score([question([5])]);
  expect(new Set(own[0]?.sources)).toEqual(new Set(['network']));
});

test('the network takes the newest items of a session; what the visitor has seen counts however long ago', async () => {
  const short = await open({ maximumLength: 2, neighbours: null });
  const items = [9, 9, 7, 1, 2];
  expectSame(await answerOf(short, question(items)), await expectedAnswer(items, { maximumLength: 2, index: null }));
});

test('excluded items stand last with score 0, and the others keep their scores', async () => {
  const items = [3, 4];
  const all = await expectedAnswer(items);
  const [first, second, third] = all.map(({ id }) => id);
  const barred = [first ?? 0, second ?? 0, third ?? 0];
  const excluded = question(items, {
    excluded: barred.slice(0, 1),
    alwaysExcluded: BigInt64Array.from(barred.slice(1), BigInt),
  });
  const found = await answerOf(blended, excluded);
  expectSame(found.slice(0, -3), all.slice(3));
  expect(found.slice(-3).map(({ score }) => score)).toEqual([0, 0, 0]);
  expect(new Set(found.slice(-3).map(({ id }) => id))).toEqual(new Set(barred));
});

test('questions asked together get the answers that they get alone', async () => {
  const questions = [
    ...sessions.map((items, i) => question(items, { count: 1 + 2 * i })),
    question([2, 2, 3], { excluded: [4], count: 1 }),
    question([9, 1], { excluded: [1, 2, 3, 4], alwaysExcluded: BigInt64Array.of(5n, 6n, 7n) }),
    question([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { alwaysExcluded: BigInt64Array.of(12n) }),
  ];
  const together = await blended.score(questions);
  for (const [i, each] of questions.entries()) {
    const own = await answerOf(blended, each);
    expect(own).toHaveLength(each.count);
    expect(together[i]?.ids).toEqual(own.map(({ id }) => id));
    expect(together[i]?.sources).toEqual(own.map(({ source }) => source));
    for (const [place, { score }] of own.entries()) expect(together[i]?.scores[place]).toBeCloseTo(score, 5);
  }
});
