import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { kthLargest } from './kth-largest.js';

describe('kthLargest', () => {
  it.each([1, 2, 3, 10, 1000])('agrees with sorting, of numbers with %i different values at most', (different) => {
    const random = new Random(different);
    for (let size = 1; size < 60; size++) {
      const values = Float64Array.from({ length: size }, () => random.integer(different));
      const sorted = values.toSorted((a, b) => b - a);
      for (let k = 1; k <= size; k++) expect(kthLargest(values.slice(), k)).toBe(sorted[k - 1]);
    }
  });
});
