import { singleOutput, type Graph, type Value } from '../graph.js';
import { GraphError, dimensionAt } from '../shape.js';
import { divide, multiply } from './arithmetic.js';
import { absolute, cast, maximum, reduceMax } from './functions.js';

/**
 * The largest code. Processors without VNNI add the products of two neighbours in 16 bits, which this keeps from overflowing: 2 x 255 x 63
 * (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "reduce range").
 */
const LARGEST_CODE = 63;
/** Of the left side, whose codes are unsigned, around {@link ZERO}. */
const LARGEST_LEFT_CODE = 127;
const ZERO = 128;
/** Keeps a row of zeros from being divided by. */
const TINY = 1e-30;

/** A matrix [k, n] in 8 bits: a number is its code times the step of its column. */
export interface EightBitMatrix {
  /** int8 [k, n] */
  readonly codes: Value;
  /** [1, n] */
  readonly steps: Value;
}

/**
 * Rounds a matrix to 8 bits, column by column.
 * @param columns [n, k]: the matrix transposed
 * @param k the length of a column
 */
export function eightBitConstant(graph: Graph, columns: Float32Array, k: number): EightBitMatrix {
  const n = columns.length / k;
  const codes = new Int8Array(columns.length);
  const steps = new Float32Array(n);
  for (let column = 0; column < n; column++) {
    const numbers = columns.subarray(column * k, (column + 1) * k);
    const step = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), TINY) / LARGEST_CODE;
    steps[column] = step;
    for (let row = 0; row < k; row++) codes[row * n + column] = Math.round((numbers[row] as number) / step);
  }
  return { codes: graph.constant(codes, [k, n]), steps: graph.constant(steps, [1, n]) };
}

/**
 * About the matrix product [m, k] x [k, n] -> [m, n]: in integers, which reads a quarter of the memory. The left side is rounded to 8 bits
 * row by row, so that a row of the product does not depend on the others. Has no gradient.
 */
export function eightBitProduct(a: Value, { codes, steps }: EightBitMatrix): Value {
  const { graph } = a;
  const [rows, inner] = [dimensionAt(a.shape, -2), dimensionAt(a.shape, -1)];
  if (a.shape.length !== 2 || inner !== dimensionAt(codes.shape, 0))
    throw new GraphError('MatMulInteger', 'the inner lengths differ', [a.shape, codes.shape]);
  const zero = graph.constant(Uint8Array.of(ZERO), []);
  const largest = maximum(reduceMax(absolute(a)), graph.scalar(TINY)); // [m, 1]
  const leftStep = graph.scalar(1 / LARGEST_LEFT_CODE);
  const left = singleOutput('QuantizeLinear', [divide(a, largest), leftStep, zero], a.shape, undefined, {}, 'uint8');
  const shape = [rows, dimensionAt(codes.shape, 1)];
  const product = singleOutput('MatMulInteger', [left, codes, zero], shape, undefined, {}, 'int32');
  // One after the other: onnxruntime 1.30 mistakes what is multiplied with a product for two scales, and gives NaN.
  return multiply(multiply(cast(product, 'float32'), steps), divide(largest, graph.scalar(LARGEST_LEFT_CODE)));
}
