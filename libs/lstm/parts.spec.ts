import { describe, expect, it } from 'vitest';
import { Random, type EncodedSessions } from '#domain';
import { Batcher, stepBuckets } from './batches.js';
import { DropoutMasks } from './dropout.js';
import { ItemTable } from './item-table.js';
import { createOptimiser } from './optimiser.js';
import { completeRecipe } from './recipe.js';
import { AliasSampler, SharedNegatives, WholeCatalogue } from './sampler.js';

describe('AliasSampler', () => {
  it('draws in proportion to the weights', () => {
    const weights = Float64Array.of(1, 0, 5, 2.5, 0.5);
    const sampler = new AliasSampler(weights);
    const random = new Random(1);
    const counts = new Float64Array(5);
    const draws = 200_000;
    for (let i = 0; i < draws; i++) {
      const drawn = sampler.draw(random);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    weights.forEach((weight, i) => {
      const expected = weight / 9;
      const deviation = Math.sqrt((expected * (1 - expected)) / draws);
      expect(Math.abs((counts[i] ?? 0) / draws - expected)).toBeLessThanOrEqual(5 * deviation);
    });
  });
});

describe('SharedNegatives', () => {
  const support = Int32Array.from({ length: 1001 }, (_, item) => (item === 0 ? 0 : Math.ceil(2000 / item)));

  it('holds every target and each item once', () => {
    const source = new SharedNegatives(support, 300, 0.75);
    const targets = Int32Array.of(7, 900, 7, 0, 33);
    const { items, columns } = source.select(targets, 4, new Random(1));
    expect(new Set(items).size).toBe(300);
    expect([0, 1, 2, 4].map((i) => items[columns[i] ?? -1])).toEqual([7, 900, 7, 33]);
  });

  it('states the chance with which an item is really there', () => {
    const source = new SharedNegatives(support, 300, 0.75);
    const random = new Random(3);
    const weights = new AliasSampler(Float64Array.from(support.subarray(1)));
    const present = new Float64Array(1001);
    const stated = new Float64Array(1001);
    const rounds = 3000;
    for (let round = 0; round < rounds; round++) {
      const targets = Int32Array.from({ length: 100 }, () => weights.draw(random) + 1);
      const { items, correction } = source.select(targets, 100, random);
      items.forEach((item, i) => {
        present[item] = (present[item] ?? 0) + 1 / rounds;
        stated[item] = Math.exp(-(correction[i] ?? NaN));
      });
    }
    for (const item of [1, 10, 100, 500, 1000]) {
      const [share, chance] = [present[item] ?? NaN, stated[item] ?? NaN];
      expect(Math.abs(share - chance), `item ${String(item)}: ${String(share)} for ${String(chance)}`).toBeLessThan(
        0.03 + 0.1 * chance,
      );
    }
  });

  it('fills up from a small catalogue', () => {
    const { items } = new SharedNegatives(Int32Array.of(0, 1_000_000, 0, 0, 0), 4, 1).select(
      Int32Array.of(1),
      1,
      new Random(1),
    );
    expect([...items].toSorted()).toEqual([1, 2, 3, 4]);
  });
});

describe('WholeCatalogue', () => {
  it('needs no correction', () => {
    const set = new WholeCatalogue(3).select(Int32Array.of(3, 1, 0));
    expect([...set.items]).toEqual([1, 2, 3]);
    expect([...set.columns]).toEqual([2, 0, 0]);
    expect([...set.correction, ...set.chances]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

describe('Batcher', () => {
  const lengths = [1, 2, 3, 9, 30, 2, 7, 45];
  const offsets = Int32Array.from([0, ...lengths], (_, i) => lengths.slice(0, i).reduce((sum, n) => sum + n, 0));
  const sessions: EncodedSessions = {
    items: Int32Array.from({ length: 99 }, (_, i) => i + 1),
    offsets,
    endedAt: new Float64Array(lengths.length),
  };

  it('gives every target once, after the items before it', () => {
    const batcher = new Batcher(sessions, 8, 20);
    const pairs: number[] = [];
    for (const { starts, lengths: targets, steps, size } of batcher.epoch(new Random(1))) {
      expect(starts.length).toBeLessThanOrEqual(size);
      starts.forEach((start, row) => {
        expect(targets[row]).toBeLessThanOrEqual(steps);
        for (let t = 0; t < (targets[row] ?? 0); t++) pairs.push(start + t + 1);
      });
    }
    const expected = lengths.flatMap((length, s) =>
      Array.from({ length: length - 1 }, (_, t) => (offsets[s] ?? 0) + t + 1),
    );
    expect(pairs.toSorted((a, b) => a - b)).toEqual(expected);
    expect(batcher.targetCount).toBe(expected.length);
  });

  it('orders every epoch anew', () => {
    const batcher = new Batcher(sessions, 8, 4);
    const random = new Random(1);
    const order = (): number[] => batcher.epoch(random).flatMap(({ starts }) => [...starts]);
    expect(order()).not.toEqual(order());
  });

  it('has buckets up to the longest session', () => {
    expect(stepBuckets(20)).toEqual([1, 2, 3, 4, 5, 7, 9, 12, 16, 20]);
    expect(stepBuckets(1)).toEqual([1]);
  });
});

describe('DropoutMasks', () => {
  it('drop the share that they are told, keep the mean, and differ', () => {
    const masks = new DropoutMasks(0.25, 10_000, new Random(1));
    const [first, second] = [masks.next(10_000), masks.next(9_000)];
    expect(second).toHaveLength(9_000);
    expect(first.subarray(0, 100)).not.toEqual(second.subarray(0, 100));
    for (const mask of [first, second]) {
      expect(mask.filter((x) => x === 0).length / mask.length).toBeCloseTo(0.25, 1);
      expect(mask.reduce((sum, x) => sum + x, 0) / mask.length).toBeCloseTo(1, 1);
    }
  });

  it('keep everything where the chance is 0', () => {
    expect(new DropoutMasks(0, 100, new Random(1)).next(100).every((x) => x === 1)).toBe(true);
  });
});

describe('optimisers', () => {
  it('Adam takes the steps of its paper', () => {
    const weights = Float32Array.of(1, 2);
    const adam = createOptimiser('adam', weights);
    const gradients = [Float32Array.of(0.5, -1), Float32Array.of(-0.2, -1)];
    let [m, v, x] = [0, 0, 1];
    gradients.forEach((gradient, i) => {
      adam.beginStep({ learningRate: 0.1, step: i + 1 });
      adam.update(0, gradient, 0, 2);
      const g = gradient[0] ?? NaN;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      x -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
    });
    expect(weights[0]).toBeCloseTo(x, 5);
  });

  it('Adagrad takes the steps of its paper', () => {
    const weights = Float32Array.of(1);
    const adagrad = createOptimiser('adagrad', weights);
    [0.5, -0.2].forEach((g, i) => {
      adagrad.beginStep({ learningRate: 0.1, step: i + 1 });
      adagrad.update(0, Float32Array.of(g), 0, 1);
    });
    expect(weights[0]).toBeCloseTo(1 - 0.1 + (0.1 * 0.2) / Math.sqrt(0.29), 5);
  });
});

describe('ItemTable', () => {
  it('updates the rows of a step once each, with the sum of their gradients, and no other', () => {
    const table = new ItemTable(5, completeRecipe({ dimensions: 4, optimiser: 'adagrad' }), new Random(1));
    const before = table.embeddings.slice();
    const row = (...values: number[]): Float32Array =>
      Float32Array.from(values.flatMap((value) => [value, value, value, value]));
    table.update(
      { learningRate: 0.1, step: 1 },
      { items: Int32Array.of(2, 4), gradients: row(1, 1) },
      { items: Int32Array.of(4, 5, 5, 0), gradients: row(-3, 2, -5, 9) },
    );
    const moved = Array.from(
      { length: 6 },
      (_, item) => (table.embeddings[4 * item] ?? NaN) - (before[4 * item] ?? NaN),
    );
    // Adagrad's first step is the learning rate against the sign of the summed gradient.
    [0, 0, -0.1, 0, 0.1, 0.1].forEach((expected, item) => {
      expect(moved[item]).toBeCloseTo(expected, 5);
    });
  });
});
