import { describe, expect, it } from 'vitest';
import { AnswerCounts, type ItemCategories } from './answers.js';

const clicks = Float64Array.of(0, 8, 4, 2, 2, 0);
const ranks = Float64Array.of(0, 1, 0.75, 0.375, 0.375, 0);

function measuresOf(answers: number[][], cutoff: number, categories: ItemCategories = []): Record<string, number> {
  const counts = new AnswerCounts(5, cutoff, categories);
  for (const answer of answers) counts.add(answer);
  return counts.measures(clicks, ranks);
}

describe('AnswerCounts', () => {
  it('measures coverage, popularity and novelty of what is within the cutoff', () => {
    // Items 1, 2, 1 and 3 are recommended: 1, 2, 1 and 3 bits of 16 clicks.
    expect(
      measuresOf(
        [
          [1, 2, 4],
          [1, 3, 4],
        ],
        2,
      ),
    ).toEqual({
      coverage: 3 / 5,
      popularity: (1 + 0.75 + 1 + 0.375) / 4,
      novelty: (1 + 2 + 1 + 3) / 4,
    });
  });

  it('takes an item without clicks for one with one click', () => {
    expect(measuresOf([[5]], 3)).toEqual({ coverage: 0.2, popularity: 0, novelty: 4 });
  });

  it('leaves out what has no mean when nothing is recommended', () => {
    expect(measuresOf([[], []], 3)).toEqual({ coverage: 0 });
  });

  it('measures diversity as the mean share of pairs without a common category, where both are known', () => {
    const categories = [undefined, [10, 20], [20], [30], [], undefined];
    // First answer: 1 and 2 share 20, 3 shares with neither: 2 of 3 pairs. Second: 4 and 5 are unknown, 1 and 3 apart: 1 of 1.
    const { diversity } = measuresOf(
      [
        [1, 2, 3],
        [4, 1, 5, 3],
        [4, 5, 1],
      ],
      4,
      categories,
    );
    expect(diversity).toBeCloseTo((2 / 3 + 1) / 2, 12);
  });

  it('has no diversity where no categories are known', () => {
    expect(measuresOf([[1, 2, 3]], 3)).not.toHaveProperty('diversity');
  });

  it.each([0, 6, -1, 1.5])('refuses index %d, which is no item', (item) => {
    expect(() => measuresOf([[1, item]], 3)).toThrow(`recommended item ${item}; items are whole numbers from 1 to 5`);
  });
});
