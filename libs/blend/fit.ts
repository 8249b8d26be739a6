import { ITEM_FEATURES } from './item-features.js';
import { REPEAT_FEATURES, repeatFeatures } from './repeat-features.js';
import { neutralBlend, type BlendWeights } from './weights.js';

/** A prediction of both parts, each before any blending. */
export interface BlendCase {
  /** The session, oldest first. */
  readonly session: readonly number[];
  readonly target: number;
  /** The network's likeliest items with their probabilities. */
  readonly network: Rated;
  /** The neighbours' items with their shares of the evidence. */
  readonly neighbours: Rated;
}

interface Rated {
  readonly items: ArrayLike<number>;
  readonly shares: ArrayLike<number>;
}

/** The best of each case that the fit looks at: what comes further behind cannot come among the first by any likely weight. */
const CANDIDATES = 100;
const ROUNDS = 120;
const RATE = 0.05;
/** The weights' prior: a normal distribution of this deviation around the neutral blend, which holds them there where cases are few. */
const PRIOR_DEVIATION = 0.5;
const TINY = 1e-9;

/**
 * The blend under which what came next was likeliest (maximum a posteriori), by full-batch Adam. Cases whose target is not among
 * the best candidates teach nothing and are passed over.
 * @param features as `itemFeatures` gives them, of the sessions that both parts were trained on
 */
export function fitBlend(cases: Iterable<BlendCase>, features: Float32Array): BlendWeights {
  const rows: CandidateRows[] = [];
  for (const each of cases) {
    const row = candidatesOf(each, features);
    if (row) rows.push(row);
  }
  if (rows.length === 0) return neutralBlend;
  const width = 1 + WIDTH;
  const neutral = new Float64Array(width);
  neutral[0] = Math.log(neutralBlend.networkShare / (1 - neutralBlend.networkShare));
  const weights = neutral.slice();
  const [first, second] = [new Float64Array(width), new Float64Array(width)];
  for (let round = 1; round <= ROUNDS; round++) {
    const gradient = new Float64Array(width);
    for (const row of rows) addGradient(row, weights, gradient);
    for (let i = 0; i < width; i++) {
      const prior = ((weights[i] as number) - (neutral[i] as number)) / PRIOR_DEVIATION ** 2;
      const g = ((gradient[i] as number) + prior) / rows.length;
      first[i] = 0.9 * (first[i] as number) + 0.1 * g;
      second[i] = 0.99 * (second[i] as number) + 0.01 * g * g;
      const step =
        (first[i] as number) / (1 - 0.9 ** round) / (Math.sqrt((second[i] as number) / (1 - 0.99 ** round)) + TINY);
      weights[i] = (weights[i] as number) - RATE * (1 - (round - 1) / ROUNDS) * step;
    }
  }
  const [mixture = 0, ...others] = weights;
  return {
    networkShare: sigmoid(mixture),
    items: others.slice(0, ITEM_FEATURES.length),
    repeats: others.slice(ITEM_FEATURES.length),
  };
}

const WIDTH = ITEM_FEATURES.length + REPEAT_FEATURES.length;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The candidates of a case, the target first. */
export interface CandidateRows {
  readonly network: Float32Array;
  readonly neighbours: Float32Array;
  /** [candidates, item features, then repeat features] */
  readonly features: Float32Array;
}

/** Null when the target is not among the best candidates. */
export function candidatesOf(
  { session, target, network, neighbours }: BlendCase,
  itemFeatures: Float32Array,
): CandidateRows | null {
  const parts = new Map<number, [network: number, neighbours: number]>();
  for (let i = 0; i < network.items.length; i++)
    parts.set(network.items[i] as number, [network.shares[i] as number, 0]);
  for (let i = 0; i < neighbours.items.length; i++) {
    const item = neighbours.items[i] as number;
    parts.set(item, [parts.get(item)?.[0] ?? 0, neighbours.shares[i] as number]);
  }
  const share = neutralBlend.networkShare;
  const mixed = ([n, s]: readonly [number, number]): number => share * n + (1 - share) * s;
  const best = [...parts].sort(([, a], [, b]) => mixed(b) - mixed(a)).slice(0, CANDIDATES);
  const place = best.findIndex(([item]) => item === target);
  if (place < 0) return null;
  best.unshift(...best.splice(place, 1));
  const repeats = repeatFeatures(session);
  const features = new Float32Array(best.length * WIDTH);
  best.forEach(([item], row) => {
    const from = item * ITEM_FEATURES.length;
    features.set(itemFeatures.subarray(from, from + ITEM_FEATURES.length), row * WIDTH);
    for (const feature of repeats.get(item) ?? []) features[row * WIDTH + ITEM_FEATURES.length + feature] = 1;
  });
  return {
    network: Float32Array.from(best, ([, [n]]) => n),
    neighbours: Float32Array.from(best, ([, [, s]]) => s),
    features,
  };
}

/**
 * Adds the gradient of the negative log-likelihood of one case.
 * @param weights the log-odds of the network's share, then item weights, then repeat weights
 */
export function addGradient(
  { network, neighbours, features }: CandidateRows,
  weights: Float64Array,
  gradient: Float64Array,
): void {
  const count = network.length;
  const share = sigmoid(weights[0] as number);
  const scores = new Float64Array(count);
  let sum = 0;
  for (let row = 0; row < count; row++) {
    let exponent = 0;
    for (let i = 0; i < WIDTH; i++) exponent += (weights[1 + i] as number) * (features[row * WIDTH + i] as number);
    const mixed = share * (network[row] as number) + (1 - share) * (neighbours[row] as number);
    scores[row] = (mixed + TINY) * Math.exp(exponent);
    sum += scores[row] as number;
  }
  for (let row = 0; row < count; row++) {
    const error = (scores[row] as number) / sum - (row === 0 ? 1 : 0);
    const [n, s] = [network[row] as number, neighbours[row] as number];
    const mixed = share * n + (1 - share) * s + TINY;
    gradient[0] = (gradient[0] as number) + (error * (n - s) * share * (1 - share)) / mixed;
    for (let i = 0; i < WIDTH; i++)
      gradient[1 + i] = (gradient[1 + i] as number) + error * (features[row * WIDTH + i] as number);
  }
}
