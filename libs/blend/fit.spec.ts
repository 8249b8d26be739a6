import { expect, test } from 'vitest';
import { Random } from '#domain';
import { addGradient, candidatesOf, fitBlend, type BlendCase } from './fit.js';
import { ITEM_FEATURES } from './item-features.js';
import { REPEAT_FEATURES, repeatFactors } from './repeat-features.js';
import { neutralBlend, type BlendWeights } from './weights.js';

const ITEMS = 12;

const planted: BlendWeights = {
  networkShare: 0.75,
  items: [0.4, -0.3, 0.2],
  repeats: [-1.2, 0.9, 0.5, -0.4, 0.6],
};

/** [items + 1, features], each normally distributed. */
function randomFeatures(random: Random): Float32Array {
  return Float32Array.from({ length: (ITEMS + 1) * ITEM_FEATURES.length }, (_, i) =>
    i < ITEM_FEATURES.length ? 0 : random.normal(),
  );
}

/** A session, and what network and neighbours say after it: the network of every item, the neighbours of some. */
function randomCase(random: Random): BlendCase {
  const session: number[] = [];
  for (let length = 1 + random.integer(6); length > 0; length--)
    session.push(session.length > 0 && random.uniform() < 0.3 ? draw(random, session) : 1 + random.integer(ITEMS));
  const all = Array.from({ length: ITEMS }, (_, i) => i + 1);
  const some = all.filter(() => random.uniform() < 0.3);
  const rated = (items: readonly number[]) => {
    const shares = items.map(() => Math.exp(1.5 * random.normal()));
    const sum = shares.reduce((total, share) => total + share, 0);
    return { items, shares: shares.map((share) => share / sum) };
  };
  return { session, target: draw(random, all), network: rated(all), neighbours: rated(some) };
}

const draw = (random: Random, values: readonly number[]): number => values[random.integer(values.length)] ?? 0;

/** How likely each item from 1 on is next, by the formula at `BlendWeights`, in plain arithmetic. */
function probabilities(
  { session, network, neighbours }: BlendCase,
  features: Float32Array,
  by: BlendWeights,
): number[] {
  const boosts = repeatFactors(session, by.repeats);
  const mixed = Array.from({ length: ITEMS }, (_, i) => {
    const own = (part: BlendCase['network']): number => part.shares[Array.from(part.items).indexOf(i + 1)] ?? 0;
    return by.networkShare * own(network) + (1 - by.networkShare) * own(neighbours);
  });
  const weighed = mixed.map((share, i) => {
    const own = features.subarray((i + 1) * ITEM_FEATURES.length);
    const exponent = by.items.reduce((sum, weight, k) => sum + weight * (own[k] ?? 0), 0);
    return share * Math.exp(exponent) * (boosts.get(i + 1) ?? 1);
  });
  const sum = weighed.reduce((total, share) => total + share, 0);
  return weighed.map((share) => share / sum);
}

/** The same case with a target that comes up as often as the blend says. */
function follow(each: BlendCase, features: Float32Array, random: Random): BlendCase {
  let left = random.uniform();
  const place = probabilities(each, features, planted).findIndex((probability) => (left -= probability) < 0);
  return { ...each, target: place < 0 ? ITEMS : place + 1 };
}

test('finds the weights by which the cases were drawn', () => {
  const random = new Random(11);
  const features = randomFeatures(random);
  const cases = Array.from({ length: 8_000 }, () => follow(randomCase(random), features, random));
  const { networkShare, items, repeats } = fitBlend(cases, features);
  // What three seeds of the draw leave open, with some room; the prior takes a little off the rarer repeat weights.
  expect(Math.abs(networkShare - planted.networkShare)).toBeLessThan(0.06);
  expect(items).toHaveLength(planted.items.length);
  for (const [i, weight] of planted.items.entries())
    expect(Math.abs((items[i] ?? NaN) - weight), ITEM_FEATURES[i]).toBeLessThan(0.08);
  expect(repeats).toHaveLength(planted.repeats.length);
  for (const [i, weight] of planted.repeats.entries())
    expect(Math.abs((repeats[i] ?? NaN) - weight), REPEAT_FEATURES[i]).toBeLessThan(0.2);
});

test('its gradient is that of the likelihood, by central differences', () => {
  const random = new Random(12);
  const features = randomFeatures(random);
  const cases = Array.from({ length: 20 }, () => randomCase(random));
  const at = [0.8, ...planted.items, ...planted.repeats]; // the log-odds of the share first
  const loss = (weights: readonly number[]): number => {
    const [odds = 0, ...others] = weights;
    const by = {
      networkShare: 1 / (1 + Math.exp(-odds)),
      items: others.slice(0, ITEM_FEATURES.length),
      repeats: others.slice(ITEM_FEATURES.length),
    };
    return -cases.reduce((sum, each) => sum + Math.log(probabilities(each, features, by)[each.target - 1] ?? NaN), 0);
  };
  const gradient = new Float64Array(at.length);
  for (const each of cases) {
    const row = candidatesOf(each, features);
    expect(row).not.toBeNull();
    if (row) addGradient(row, Float64Array.from(at), gradient);
  }
  const step = 1e-4;
  for (const place of at.keys()) {
    const moved = (by: number): number => loss(at.map((weight, i) => (i === place ? weight + by : weight)));
    expect(gradient[place], `weight ${place}`).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 4);
  }
});

test('without a case whose target is among the best it stays at the mixture alone', () => {
  const features = randomFeatures(new Random(13));
  const rated = { items: [1, 2], shares: [0.5, 0.5] };
  const unreachable: BlendCase = { session: [1, 2], target: 3, network: rated, neighbours: rated };
  expect(fitBlend([], features)).toBe(neutralBlend);
  expect(
    fitBlend(
      Array.from({ length: 100 }, () => unreachable),
      features,
    ),
  ).toBe(neutralBlend);
});

test('a target far behind is no case: only the best hundred take part', () => {
  const features = new Float32Array(300 * ITEM_FEATURES.length);
  const items = Array.from({ length: 200 }, (_, i) => i + 1);
  const network = { items, shares: items.map((item) => 1 / item) };
  const withTarget = (target: number): BlendCase => ({
    session: [1],
    target,
    network,
    neighbours: { items: [150], shares: [1] },
  });
  expect(candidatesOf(withTarget(101), features)).toBeNull();
  // The neighbours bring 150 up to the second place, so 99 others are left.
  expect(candidatesOf(withTarget(100), features)).toBeNull();
  const { network: own, neighbours } = candidatesOf(withTarget(99), features) ?? {};
  expect(own).toHaveLength(100);
  expect(own?.[0]).toBeCloseTo(1 / 99, 6);
  expect(neighbours?.[0]).toBe(0);
  expect(neighbours?.indexOf(1)).toBe(2);
});

test('a case alone moves the weights little, many of the same move them far', () => {
  const features = new Float32Array((ITEMS + 1) * ITEM_FEATURES.length);
  const items = Array.from({ length: ITEMS }, (_, i) => i + 1);
  const rated = { items, shares: items.map(() => 1 / ITEMS) };
  const again: BlendCase = { session: [3, 4], target: 3, network: rated, neighbours: rated };
  const newestBut = (count: number): number =>
    fitBlend(
      Array.from({ length: count }, () => again),
      features,
    ).repeats[1] ?? NaN;
  // With a prior of deviation 0.5 the likeliest weight is at most 0.25 a case.
  expect(newestBut(1)).toBeGreaterThan(0.15);
  expect(newestBut(1)).toBeLessThan(0.26);
  expect(newestBut(200)).toBeGreaterThan(2);
});
