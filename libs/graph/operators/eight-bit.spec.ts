import { expect, it } from 'vitest';
import { Random } from '#domain';
import { InferenceSession, Tensor } from '#onnxruntime';
import { Graph } from '../graph.js';
import { serialise } from '../serialise.js';
import { eightBitConstant, eightBitProduct } from './eight-bit.js';

const random = new Random(6);
const normal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());

/** [m, n] by the graph. @param columns [n, k] */
async function productOf(a: Float32Array, columns: Float32Array, k: number): Promise<Float32Array> {
  const graph = new Graph();
  const left = graph.input('a', 'float32', ['m', k]);
  graph.output('product', eightBitProduct(left, eightBitConstant(graph, columns, k)));
  const session = await InferenceSession.create(serialise(graph), { intraOpNumThreads: 1 });
  const { product } = await session.run({ a: new Tensor('float32', a, [a.length / k, k]) });
  await session.release();
  return product?.data as Float32Array;
}

function plainProduct(a: Float32Array, columns: Float32Array, k: number): number[] {
  const row = (numbers: Float32Array, i: number): Float32Array => numbers.subarray(i * k, (i + 1) * k);
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, number, i) => sum + number * (y[i] ?? NaN), 0);
  return Array.from({ length: a.length / k }, (_, m) =>
    Array.from({ length: columns.length / k }, (__, n) => dot(row(a, m), row(columns, n))),
  ).flat();
}

const largest = (numbers: Float32Array): number => Math.max(...numbers.map(Math.abs));

it('is the product, but for the rounding of each number by half a step', async () => {
  const [m, k, n] = [5, 64, 300];
  const [a, columns] = [normal(m * k), normal(n * k)];
  const product = await productOf(a, columns, k);
  const expected = plainProduct(a, columns, k);
  const half = { left: largest(a) / 127 / 2, right: largest(columns) / 63 / 2 };
  // Roundings are independent of each other: five deviations of a sum of k of them, each uniform.
  const deviation = Math.sqrt(k / 3) * (half.left + half.right);
  expect(product).toHaveLength(m * n);
  product.forEach((x, i) => {
    expect(Math.abs(x - (expected[i] ?? NaN))).toBeLessThan(5 * deviation);
  });
});

it('the largest numbers on both sides do not overflow', async () => {
  const [k, n] = [128, 40];
  const columns = new Float32Array(n * k).fill(2).fill(-2, (n / 2) * k);
  const product = await productOf(new Float32Array(k).fill(3), columns, k);
  product.forEach((x, i) => {
    expect(x).toBeCloseTo(i < n / 2 ? 768 : -768, 1);
  });
});

it('a row has the same product whatever stands beside it; a row of zeros has zeros', async () => {
  const [k, n] = [16, 50];
  const [row, columns] = [normal(k), normal(n * k)];
  const alone = await productOf(row, columns, k);
  const beside = await productOf(
    Float32Array.from([...normal(k).map((x) => 1000 * x), ...row, ...new Float32Array(k)]),
    columns,
    k,
  );
  expect(beside.slice(n, 2 * n)).toEqual(alone);
  expect(beside.slice(2 * n)).toEqual(new Float32Array(n));
});

it('refuses what does not fit', () => {
  const graph = new Graph();
  const a = graph.input('a', 'float32', ['m', 3]);
  const matrix = eightBitConstant(graph, new Float32Array(8).fill(1), 4);
  expect(() => eightBitProduct(a, matrix)).toThrow('MatMulInteger: the inner lengths differ; given [m, 3] and [4, 2]');
});
