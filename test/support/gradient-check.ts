import { InferenceSession, Tensor } from '#onnxruntime';
import { expect } from 'vitest';
import type { Random } from '#domain';
import { Graph, gradients, multiply, reduceSum, reshape, serialise, type Value } from '#graph';

/** A float tensor. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** An operation on values of one graph. */
export type Operator = (values: Value[]) => Value;

/** Central differences in single precision: a step of 0.01 errs by about 1e-4 times the third derivative, plus rounding. */
const STEP = 1e-2;
const TOLERANCE = { absolute: 3e-3, relative: 1e-2 };

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Normally distributed numbers. */
export function numbers(random: Random, ...shape: number[]): Numbers {
  return { shape, data: Float32Array.from({ length: size(shape) }, () => random.normal()) };
}

/** Runs a graph made from float inputs on one thread; returns its outputs by name. */
export async function runGraph(
  inputs: readonly Numbers[],
  build: (graph: Graph, values: Value[]) => void,
): Promise<Record<string, number[]>> {
  const graph = new Graph();
  const values = inputs.map(({ shape }, i) => graph.input(`x${String(i)}`, 'float32', shape));
  build(graph, values);
  const session = await InferenceSession.create(serialise(graph), { intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(inputs.map(({ shape, data }, i) => [`x${String(i)}`, new Tensor(data, shape)]));
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name, Array.from(value.data as Float32Array, Number)]),
  );
}

/** What an operation gives. */
export async function valueOf(inputs: readonly Numbers[], operator: Operator): Promise<number[]> {
  const { y } = await runGraph(inputs, (graph, values) => {
    graph.output('y', operator(values));
  });
  return y ?? [];
}

/** Compares the derivative of a weighted sum of the outputs with central differences, for every element of every input. */
export async function expectGradients(inputs: readonly Numbers[], operator: Operator): Promise<void> {
  const loss = (graph: Graph, values: Value[]): Value => {
    const output = operator(values);
    const weights = Float32Array.from({ length: size(output.shape as number[]) }, (_, i) => Math.sin(i + 1));
    const weighted = multiply(output, graph.constant(weights, output.shape));
    return reduceSum(reshape(weighted, [1, weights.length]), [1]);
  };
  const results = await runGraph(inputs, (graph, values) => {
    gradients(loss(graph, values), values).forEach((gradient, i) => {
      graph.output(`g${String(i)}`, gradient);
    });
  });
  for (const [i, input] of inputs.entries())
    for (const place of input.data.keys()) {
      const at = async (move: number): Promise<number> => {
        const data = input.data.map((x, k) => (k === place ? x + move : x));
        const moved = inputs.map((other, j) => (i === j ? { ...other, data } : other));
        const { y } = await runGraph(moved, (graph, values) => {
          graph.output('y', loss(graph, values));
        });
        return y?.[0] ?? NaN;
      };
      const expected = ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
      const found = results[`g${String(i)}`]?.[place] ?? NaN;
      const where = `input ${String(i)}, element ${String(place)}: ${String(found)} for ${String(expected)}`;
      expect(Math.abs(found - expected), where).toBeLessThanOrEqual(
        TOLERANCE.absolute + TOLERANCE.relative * Math.abs(expected),
      );
    }
}

/** Two lists of numbers, equal to five digits after the point. */
export function expectClose(found: readonly number[], expected: readonly number[], digits = 5): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((x, i) => {
    expect(x, `element ${String(i)}`).toBeCloseTo(expected[i] ?? NaN, digits);
  });
}
