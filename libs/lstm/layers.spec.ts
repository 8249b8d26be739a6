import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { concat, gatherRows, type Value } from '#graph';
import {
  expectClose,
  expectGradients,
  numbers,
  runGraph,
  valueOf,
  type Numbers,
} from '../../test/support/gradient-check.js';
import { lstmUnrolled } from './lstm-layer.js';
import { sampledSoftmaxLoss } from './loss.js';
import { normaliseRows } from './network.js';
import { attentionAtEveryStep } from './readout.js';

const random = new Random(11);
const at = (values: readonly Value[], i: number): Value => values[i] as Value;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('normaliseRows', () => {
  it('makes rows of length 1', async () => {
    expectClose(
      await valueOf([{ shape: [2, 2], data: Float32Array.of(3, 4, 0, -2) }], ([x]) => normaliseRows(x as Value)),
      [0.6, 0.8, 0, -1],
    );
  });

  it('has the gradient that central differences give', async () => {
    await expectGradients([numbers(random, 3, 4)], ([x]) => normaliseRows(x as Value));
  });
});

describe('lstmUnrolled', () => {
  const steps = 3;
  const batch = 2;
  const width = 2;
  const inputs = [
    numbers(random, steps * batch, 2),
    numbers(random, 2, 4 * width),
    numbers(random, width, 4 * width),
    numbers(random, 1, 4 * width),
  ] as const;
  const layer = (values: readonly Value[]): Value =>
    lstmUnrolled(at(values, 0), steps, batch, {
      inputWeights: at(values, 1),
      recurrentWeights: at(values, 2),
      gateBias: at(values, 3),
    });

  it('gives the states of the textbook recurrence', async () => {
    const [x, inputWeights, recurrentWeights, bias] = inputs.map(({ data }) => [...data]) as [
      number[],
      number[],
      number[],
      number[],
    ];
    const expected: number[] = [];
    const state = [0, 1].map(() => ({ h: [0, 0], c: [0, 0] }));
    for (let t = 0; t < steps; t++)
      state.forEach((session, b) => {
        const gate = (column: number): number =>
          (bias[column] ?? NaN) +
          [0, 1].reduce(
            (sum, j) =>
              sum +
              (x[(t * batch + b) * 2 + j] ?? NaN) * (inputWeights[j * 4 * width + column] ?? NaN) +
              (session.h[j] ?? NaN) * (recurrentWeights[j * 4 * width + column] ?? NaN),
            0,
          );
        const gates = Array.from({ length: 4 * width }, (_, column) => gate(column));
        const [input, output, forget, cell] = [0, 1, 2, 3].map((g) => gates.slice(g * width, (g + 1) * width)) as [
          number[],
          number[],
          number[],
          number[],
        ];
        session.c = session.c.map(
          (c, j) => sigmoid(forget[j] ?? NaN) * c + sigmoid(input[j] ?? NaN) * Math.tanh(cell[j] ?? NaN),
        );
        session.h = session.c.map((c, j) => sigmoid(output[j] ?? NaN) * Math.tanh(c));
        expected.push(...session.h);
      });
    expectClose(await valueOf(inputs, layer), expected);
  });

  it('is differentiated through all its steps', async () => {
    await expectGradients(inputs, layer);
  });
});

describe('attentionAtEveryStep', () => {
  const steps = 3;
  const batch = 2;
  const inputs = [
    numbers(random, steps * batch, 2),
    numbers(random, steps * batch, 2),
    numbers(random, 2, 2),
    numbers(random, 4, 1),
    numbers(random, 6, 2),
  ];
  const layer = (values: readonly Value[]): Value =>
    attentionAtEveryStep(at(values, 0), at(values, 1), steps, batch, {
      query: at(values, 2),
      distanceBias: at(values, 3),
      combine: at(values, 4),
    });

  it('has the gradient that central differences give', async () => {
    await expectGradients(inputs, layer);
  });

  it('does not look ahead', async () => {
    const before = await valueOf(inputs, layer);
    const [states, items, ...weights] = inputs as [Numbers, Numbers, ...Numbers[]];
    const lastStepChanged = { ...items, data: items.data.map((x, i) => (i >= (steps - 1) * batch * 2 ? x + 5 : x)) };
    const after = await valueOf([states, lastStepChanged, ...weights], layer);
    expect(after.slice(0, (steps - 1) * batch * 2)).toEqual(before.slice(0, (steps - 1) * batch * 2));
    expect(after).not.toEqual(before);
  });
});

describe('sampledSoftmaxLoss', () => {
  const rows = 3;
  const candidates = 5;
  const targets = Int32Array.of(4, 0, 4);
  const chances = [0.2, 0.9, 0.5, 1, 0.3];
  const weights = [0.5, 0.3, 0.2];
  const inputs = [numbers(random, rows, 2), numbers(random, candidates, 2), numbers(random, 1, candidates)] as const;
  const loss = (values: readonly Value[], targetWeights = weights, chance = chances): Value => {
    const graph = at(values, 0).graph;
    const column = (numbersOf: readonly number[]): Value => graph.constant(Float32Array.from(numbersOf), [rows, 1]);
    return sampledSoftmaxLoss({
      states: at(values, 0),
      candidates: at(values, 1),
      bias: at(values, 2),
      correction: graph.constant(
        Float32Array.from(chance, (p) => -Math.log(p)),
        [1, candidates],
      ),
      targets: graph.constant(targets, [rows, 1]),
      targetChance: column([...targets].map((t) => chance[t] ?? NaN)),
      weights: column(targetWeights),
    });
  };

  const expectedLoss = (chance: readonly number[]): number => {
    const [states, items, bias] = inputs.map(({ data }) => data) as [Float32Array, Float32Array, Float32Array];
    const score = (row: number, c: number): number =>
      (states[2 * row] ?? NaN) * (items[2 * c] ?? NaN) +
      (states[2 * row + 1] ?? NaN) * (items[2 * c + 1] ?? NaN) +
      (bias[c] ?? NaN);
    return [...targets].reduce((sum, target, row) => {
      const estimated = chance.reduce((z, p, c) => z + Math.exp(score(row, c)) / (c === target ? 1 : p), 0);
      return sum - (weights[row] ?? NaN) * (score(row, target) - Math.log(estimated));
    }, 0);
  };

  it('estimates the sum over the catalogue from the candidates and their chances', async () => {
    expectClose(await valueOf(inputs, loss), [expectedLoss(chances)]);
  });

  it('is the exact cross-entropy when every item is a certain candidate', async () => {
    const certain = chances.map(() => 1);
    expectClose(await valueOf(inputs, (values) => loss(values, weights, certain)), [expectedLoss(certain)]);
  });

  it('has the gradient that central differences give', async () => {
    await expectGradients(inputs, (values) => loss(values));
  });

  it('takes nothing from rows without weight', async () => {
    const value = async (last: number): Promise<number[]> => {
      const states = { ...inputs[0], data: inputs[0].data.map((x, i) => (i >= 4 ? last : x)) };
      return valueOf([states, inputs[1], inputs[2]], (values) => loss(values, [0.5, 0.5, 0]));
    };
    expect(await value(1)).toEqual(await value(100));
  });

  it('gives the same in one block as in several', async () => {
    const many = { shape: [2000, 2], data: Float32Array.from({ length: 4000 }, () => random.normal()) };
    const items = numbers(random, 3000, 2);
    const { whole, blocks } = await runGraph([many, items], (graph, [states, candidateRows]) => {
      const part = (from: number, count: number): Value =>
        sampledSoftmaxLoss({
          states: rowsOf(states as Value, from, count),
          candidates: candidateRows as Value,
          correction: graph.constant(new Float32Array(3000), [1, 3000]),
          targets: graph.constant(
            Int32Array.from({ length: count }, (_, i) => (from + i) % 3000),
            [count, 1],
          ),
          targetChance: graph.constant(new Float32Array(count).fill(1), [count, 1]),
          weights: graph.constant(new Float32Array(count).fill(1 / 2000), [count, 1]),
        });
      graph.output('whole', part(0, 2000));
      graph.output('blocks', concat([part(0, 500), part(500, 500), part(1000, 500), part(1500, 500)], 0));
    });
    expect(whole?.[0]).toBeCloseTo(blocks?.reduce((sum, x) => sum + x, 0) ?? NaN, 4);
  });
});

function rowsOf(value: Value, from: number, count: number): Value {
  return gatherRows(
    value,
    value.graph.constant(
      Int32Array.from({ length: count }, (_, i) => from + i),
      [count],
    ),
  );
}
