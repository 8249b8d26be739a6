import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { encodeSessions, randomLists } from '../../test/support/encoded-sessions.js';
import { NeighbourIndex } from './neighbour-index.js';
import { completeNeighbourSettings, type NeighbourSettings } from './settings.js';

const DAY = 86_400_000;
const everythingAlike = completeNeighbourSettings({
  positionDecay: 1e9,
  recencyDays: 1e9,
  distanceDecay: 1e9,
  backward: 1,
  rarity: 0,
  sharedItemWeight: 0,
  lengthPower: 0,
  similarityPower: 1,
});

function build(
  lists: readonly (readonly number[])[],
  settings: Partial<NeighbourSettings>,
  endedAt?: readonly number[],
): NeighbourIndex {
  return NeighbourIndex.build(encodeSessions(lists, endedAt), 9, { ...everythingAlike, ...settings });
}

function sharesOf(index: NeighbourIndex, session: readonly number[]): Record<number, number> {
  const { items, shares } = index.suggest(session, 100);
  return Object.fromEntries(Array.from(items, (item, place) => [item, Number(shares[place]?.toFixed(4))]));
}

/** Numbers that differ by rounding alone become the same. */
const rounded = (value: number): number => Number(value.toPrecision(10));

/** The formula of NeighbourIndex over lists, with nothing bounded, shared or merged. */
function plainSuggest(
  lists: readonly (readonly number[])[],
  endedAt: readonly number[],
  settings: NeighbourSettings,
  session: readonly number[],
): [item: number, share: number][] {
  const weights = new Map<number, number>();
  [...session.slice(-20)].reverse().forEach((item, steps) => {
    const support = lists.filter((list) => list.includes(item)).length;
    if (support === 0 || weights.has(item)) return;
    weights.set(
      item,
      Math.exp(-steps / settings.positionDecay) * Math.log(1 + lists.length / support) ** settings.rarity,
    );
  });
  const candidates = lists
    .map((list, place) => ({ list, ended: endedAt[place] as number }))
    .filter(({ list }) => list.some((item) => weights.has(item)))
    .reverse()
    .slice(0, settings.candidates);
  const newest = Math.max(...candidates.map(({ ended }) => ended));
  const neighbours = candidates
    .map(({ list, ended }) => {
      const shared = [...weights.keys()].filter((item) => list.includes(item));
      const overlap = shared.reduce((sum, item) => sum + (weights.get(item) as number), 0);
      const recency = Math.exp((ended - newest) / DAY / settings.recencyDays);
      return { list, similarity: (overlap / list.length ** settings.lengthPower) * recency, last: shared[0] as number };
    })
    .sort((a, b) => rounded(b.similarity) - rounded(a.similarity))
    .slice(0, settings.neighbours);
  const scores = new Map<number, number>();
  for (const { list, similarity, last } of neighbours)
    list.forEach((item, place) => {
      const distance = place - list.lastIndexOf(last);
      let counts = Math.exp(-(Math.abs(distance) - 1) / settings.distanceDecay);
      if (distance < 0) counts *= settings.backward;
      if (distance === 0) counts = settings.sharedItemWeight;
      scores.set(item, (scores.get(item) ?? 0) + similarity ** settings.similarityPower * counts);
    });
  const total = [...scores.values()].reduce((sum, score) => sum + score, 0);
  return [...scores]
    .filter(([, score]) => score > 0)
    .map(([item, score]): [number, number] => [item, score / total])
    .sort(([a, shareOfA], [b, shareOfB]) => rounded(shareOfB) - rounded(shareOfA) || a - b);
}

describe('NeighbourIndex.suggest', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
    'agrees with the formula written plainly, seed %i',
    (seed) => {
      const random = new Random(seed);
      const itemCount = 5 + random.integer(40);
      const lists = randomLists(1 + random.integer(150), itemCount, 12, seed);
      let clock = 0;
      const endedAt = lists.map(() => (clock += random.integer(3) * random.uniform() * 5 * DAY));
      const either = (usual: number, special: number): number => (random.uniform() < 0.8 ? usual : special);
      const settings = completeNeighbourSettings({
        candidates: 1 + random.integer(120),
        neighbours: 1 + random.integer(60),
        positionDecay: 0.3 + 3 * random.uniform(),
        recencyDays: either(100 * random.uniform() + 1, 0.01),
        distanceDecay: 0.3 + 4 * random.uniform(),
        backward: either(random.uniform(), 0),
        rarity: either(4 * random.uniform(), 0),
        sharedItemWeight: either(2 * random.uniform(), 0),
        lengthPower: either(random.uniform(), 0),
        similarityPower: 0.5 + random.uniform(),
      });
      const index = NeighbourIndex.build(encodeSessions(lists, endedAt), itemCount, settings);
      for (let i = 0; i < 15; i++) {
        // 0 and the items past the last are unknown.
        const session = Array.from({ length: random.integer(25) }, () => random.integer(itemCount + 4));
        const count = random.integer(itemCount + 2);
        const expected = plainSuggest(lists, endedAt, settings, session).slice(0, count);
        const { items, shares } = index.suggest(session, count);
        expect(Array.from(items)).toEqual(expected.map(([item]) => item));
        expected.forEach(([, share], place) => {
          expect(shares[place]).toBeCloseTo(share, 6);
        });
      }
    },
  );

  it('is empty when no session shares an item, and for sessions of unknown items', () => {
    const index = build([[1, 2]], {});
    for (const session of [[], [3], [0, -1, 10, 1_000_000, 1.5, NaN]]) {
      expect(index.suggest(session, 5)).toEqual({ items: new Int32Array(0), shares: new Float32Array(0) });
    }
    expect(NeighbourIndex.build(encodeSessions([]), 9).suggest([1], 5).items).toHaveLength(0);
  });

  it('gives the shares of all the evidence, of equals the lower item first', () => {
    const lists = [
      [1, 3],
      [1, 4],
      [1, 2],
    ];
    const index = build(lists, {}, [0, 0, 0]);
    const { items, shares } = index.suggest([1], 2);
    expect(Array.from(items)).toEqual([2, 3]);
    expect(shares[0]).toBeCloseTo(1 / 3);
    expect(shares[1]).toBeCloseTo(1 / 3);
  });

  it('looks at the newest sessions alone when there are more than the candidates', () => {
    const lists = [...Array.from({ length: 10 }, () => [1, 2]), [1, 3], [4, 5], [1, 3]];
    expect(sharesOf(build(lists, { candidates: 2 }), [1])).toEqual({ 3: 1 });
    expect(sharesOf(build(lists, { candidates: 4 }), [1])).toEqual({ 2: 0.5, 3: 0.5 });
  });

  it('lets the most similar candidates alone speak when there are more than the neighbours', () => {
    const lists = [
      [1, 2, 5],
      [1, 6],
      [2, 7],
    ];
    expect(sharesOf(build(lists, { neighbours: 1 }), [1, 2])).toMatchObject({ 5: 0.5 });
    expect(Object.keys(sharesOf(build(lists, { neighbours: 1 }), [1, 2]))).not.toContain('7');
  });

  it('believes newer sessions more', () => {
    const index = build(
      [
        [1, 2],
        [1, 3],
      ],
      { recencyDays: 10 },
      [0, 10 * DAY],
    );
    const share = Math.E / (1 + Math.E);
    expect(sharesOf(index, [1])).toEqual({ 2: Number((1 - share).toFixed(4)), 3: Number(share.toFixed(4)) });
  });

  it("weighs the visitor's newer items more", () => {
    const lists = [
      [1, 3],
      [2, 4],
    ];
    const share = Math.E / (1 + Math.E);
    expect(sharesOf(build(lists, { positionDecay: 1 }), [1, 2])[4]).toBeCloseTo(share, 3);
    expect(sharesOf(build(lists, { positionDecay: 1 }), [2, 1])[4]).toBeCloseTo(1 - share, 3);
  });

  it("looks at the visitor's newest 20 items", () => {
    const index = build([[1, 2]], {});
    expect(index.suggest([1, ...Array<number>(19).fill(9)], 5).items).toHaveLength(1);
    expect(index.suggest([1, ...Array<number>(20).fill(9)], 5).items).toHaveLength(0);
  });

  it('weighs items by their distance to the last shared one, and those before it less', () => {
    const distant = build([[1, 2, 3]], { distanceDecay: 1 });
    expect(sharesOf(distant, [1])[2]).toBeCloseTo(Math.E / (1 + Math.E), 3);
    expect(sharesOf(build([[2, 1, 3]], { backward: 0.25 }), [1])).toEqual({ 2: 0.2, 3: 0.8 });
    // The newest of the visitor's items decides, though the neighbour has the other one later.
    expect(sharesOf(build([[1, 2, 4, 5]], { backward: 0 }), [4, 1])).toEqual({ 2: 0.3333, 4: 0.3333, 5: 0.3333 });
    // Of an item's places in a neighbour the last one decides.
    expect(sharesOf(build([[1, 2, 1, 3]], { backward: 0 }), [1])).toEqual({ 3: 1 });
  });

  it('suggests the last shared item itself as told', () => {
    expect(sharesOf(build([[1, 2]], { sharedItemWeight: 3 }), [1])).toEqual({ 1: 0.75, 2: 0.25 });
  });

  it('believes those more that share a rare item', () => {
    const lists = [
      [1, 3],
      [2, 4],
      [2, 5],
      [2, 6],
    ];
    const rare = Math.log(1 + 4);
    const common = Math.log(1 + 4 / 3);
    expect(sharesOf(build(lists, { rarity: 1 }), [1, 2])[3]).toBeCloseTo(rare / (rare + 3 * common), 3);
    expect(sharesOf(build(lists, {}), [1, 2])[3]).toBeCloseTo(1 / 4, 3);
  });

  it('believes shorter sessions, and those more alike, more', () => {
    const lists = [
      [1, 2],
      [1, 3, 3, 3, 3, 3, 3, 3],
    ];
    expect(sharesOf(build(lists, { lengthPower: 0.5 }), [1])[2]).toBeCloseTo(1 / (1 + 7 / 2), 3);
    const alike = [
      [1, 3],
      [2, 1, 4],
    ];
    expect(sharesOf(build(alike, { backward: 0, similarityPower: 2 }), [2, 1])).toEqual({ 3: 0.2, 4: 0.8 });
  });
});

describe('NeighbourIndex.withSettings', () => {
  it('answers as an index built with them, and leaves the first as it was', () => {
    const lists = randomLists(200, 30, 8, 7);
    const other = completeNeighbourSettings({ neighbours: 20, rarity: 1, candidates: 150 });
    const index = NeighbourIndex.build(encodeSessions(lists), 30);
    const before = index.suggest([3, 4], 10);
    const changed = index.withSettings(other);
    expect(changed.suggest([3, 4], 10)).toEqual(
      NeighbourIndex.build(encodeSessions(lists), 30, other).suggest([3, 4], 10),
    );
    expect(changed.settings).toEqual(other);
    expect(index.suggest([3, 4], 10)).toEqual(before);
  });
});
