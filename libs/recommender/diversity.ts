import type { Candidate } from './strategies/strategy.js';

/**
 * Chooses candidates by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998, https://doi.org/10.1145/290941.291025): again and
 * again the one with the largest
 *
 *     (1 - diversity) * relevance - diversity * (greatest similarity to one that is chosen already)
 *
 * Of equal ones the better ranked is taken. Relevance falls evenly from 1 for the best candidate to 0 behind the last, so that a
 * diversity means the same for probabilities, counts and trends. Two items are as similar as the Jaccard index of their categories
 * says, from 0 (none in common, or none known) to 1 (the same).
 *
 * @param candidates best first
 * @param count at most so many are chosen
 * @param diversity 0: the best ones in their order; 1: relevance decides only between equally similar ones
 * @param categoriesOf those of an item
 * @param before items that stand before the first one and count as chosen
 */
export function diversified<T extends Pick<Candidate, 'itemId'>>(
  candidates: readonly T[],
  count: number,
  diversity: number,
  categoriesOf: (itemId: string) => readonly string[],
  before: readonly string[] = [],
): T[] {
  const numbers = new Map<string, number>();
  const encode = (itemId: string): Int32Array => encoded(categoriesOf(itemId), numbers);
  const categories = candidates.map(({ itemId }) => encode(itemId));
  const similarities = new Float64Array(candidates.length);
  const open = new Set(candidates.keys());
  const compareWith = (chosen: Int32Array): void => {
    for (const i of open) {
      similarities[i] = Math.max(similarities[i] as number, jaccard(categories[i] as Int32Array, chosen));
    }
  };
  for (const itemId of before) compareWith(encode(itemId));
  const chosen: T[] = [];
  while (chosen.length < count && open.size > 0) {
    let [best, worth] = [-1, -Infinity];
    for (const i of open) {
      const relevance = 1 - i / candidates.length;
      const marginal = (1 - diversity) * relevance - diversity * (similarities[i] as number);
      if (marginal > worth) [best, worth] = [i, marginal];
    }
    open.delete(best);
    chosen.push(candidates[best] as T);
    compareWith(categories[best] as Int32Array);
  }
  return chosen;
}

/** Numbers in the place of names, each once and sorted: comparing texts again and again would take ten times as long. */
function encoded(names: readonly string[], numbers: Map<string, number>): Int32Array {
  const own = new Set<number>();
  for (const name of names) {
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numbers.size));
    own.add(number);
  }
  return Int32Array.from(own).sort();
}

/** The share of what two sorted sets have in common in what they have together; 0 for empty ones. */
function jaccard(a: Int32Array, b: Int32Array): number {
  let [i, j, common] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const difference = (a[i] as number) - (b[j] as number);
    if (difference === 0) common += 1;
    if (difference <= 0) i += 1;
    if (difference >= 0) j += 1;
  }
  return common === 0 ? 0 : common / (a.length + b.length - common);
}
