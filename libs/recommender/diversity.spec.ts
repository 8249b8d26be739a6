import { expect, test } from 'vitest';
import { Random } from '#domain';
import { diversified } from './diversity.js';

const random = new Random(7);

interface Shelf {
  readonly candidates: readonly { readonly itemId: string }[];
  readonly categoriesOf: (itemId: string) => readonly string[];
}

function shelf(length: number): Shelf {
  const categories = new Map(
    Array.from({ length: length + 3 }, (_, i) => [
      `item-${i}`,
      Array.from({ length: random.integer(4) }, () => `category-${random.integer(6)}`),
    ]),
  );
  return {
    candidates: Array.from({ length }, (_, i) => ({ itemId: `item-${i}` })),
    categoriesOf: (itemId) => categories.get(itemId) ?? [],
  };
}

function similarity(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [new Set(a), new Set(b)];
  const common = [...one].filter((name) => other.has(name)).length;
  return common === 0 ? 0 : common / new Set([...one, ...other]).size;
}

/** By the definition, every similarity computed anew each time. */
function byDefinition(
  { candidates, categoriesOf }: Shelf,
  count: number,
  diversity: number,
  before: string[],
): string[] {
  const chosen: string[] = [];
  while (chosen.length < Math.min(count, candidates.length)) {
    const worths = candidates.map(({ itemId }, rank) => {
      if (chosen.includes(itemId)) return -Infinity;
      const similarities = [...before, ...chosen].map((other) => similarity(categoriesOf(itemId), categoriesOf(other)));
      return (1 - diversity) * (1 - rank / candidates.length) - diversity * Math.max(0, ...similarities);
    });
    chosen.push(candidates[worths.indexOf(Math.max(...worths))]?.itemId ?? '');
  }
  return chosen;
}

test('it chooses what the definition chooses', () => {
  for (let trial = 0; trial < 100; trial++) {
    const some = shelf(1 + random.integer(40));
    const count = 1 + random.integer(15);
    const diversity = random.integer(11) / 10;
    const before = [[], ['item-1'], ['item-41', 'item-42']][trial % 3] ?? [];
    const chosen = diversified(some.candidates, count, diversity, some.categoriesOf, before);
    expect(chosen.map(({ itemId }) => itemId)).toEqual(byDefinition(some, count, diversity, before));
  }
});

test('0 leaves the order as it is; 1 takes one of each category before a second of any', () => {
  const categoriesOf = (itemId: string): readonly string[] => [itemId.slice(0, 1)];
  const candidates = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((itemId) => ({ itemId }));
  const chosen = (diversity: number): string[] =>
    diversified(candidates, 4, diversity, categoriesOf).map(({ itemId }) => itemId);
  expect(chosen(0)).toEqual(['a1', 'a2', 'a3', 'b1']);
  expect(chosen(1)).toEqual(['a1', 'b1', 'c1', 'a2']);
});

test('items without categories are like no other', () => {
  const candidates = ['a1', '1', '2', 'a2'].map((itemId) => ({ itemId }));
  const categoriesOf = (itemId: string): readonly string[] => (itemId.startsWith('a') ? ['a'] : []);
  expect(diversified(candidates, 4, 1, categoriesOf).map(({ itemId }) => itemId)).toEqual(['a1', '1', '2', 'a2']);
});
