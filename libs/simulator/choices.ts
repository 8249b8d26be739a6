import type { Random } from '#domain';

/** True with the given probability. */
export function chance(random: Random, probability: number): boolean {
  return random.uniform() < probability;
}

/** One of the values, all equally likely. Throws on an empty list. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  return at(values, random.integer(values.length));
}

/** An index, likely in proportion to its weight. Throws when no weight is positive. */
export function weighted(random: Random, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) throw new RangeError('a weighted choice needs a positive weight');
  let left = random.uniform() * total;
  let last = 0;
  for (const [index, weight] of weights.entries()) {
    if (weight <= 0) continue;
    last = index;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}

/** An element that must be there. */
export function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} in a list of ${values.length}`);
  return value;
}
