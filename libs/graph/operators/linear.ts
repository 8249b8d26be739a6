import { singleOutput, type Value } from '../graph.js';
import { GraphError, broadcastShapes, dimensionAt, type Shape } from '../shape.js';
import { sumTo } from './arithmetic.js';
import { transpose } from './layout.js';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Two matrices only: added to the product, [m, n] or anything that broadcasts to it. */
  readonly plus?: Value;
}

/**
 * The matrix product over the last two axes: [..., m, k] x [..., k, n] -> [..., m, n].
 * Two matrices become a `Gemm`, which reads transposed operands as they lie; stacks of matrices become a `MatMul`.
 */
export function matMul(a: Value, b: Value, options: MatMulOptions = {}): Value {
  const [rows, innerA] = lastTwo(a.shape, options.transposeA);
  const [innerB, columns] = lastTwo(b.shape, options.transposeB);
  if (innerA !== innerB) throw new GraphError('MatMul', 'the inner lengths differ', [a.shape, b.shape]);
  return a.shape.length === 2 && b.shape.length === 2
    ? gemm(a, b, [rows, columns], options)
    : stackedMatMul(a, b, [rows, columns], options);
}

function gemm(
  a: Value,
  b: Value,
  shape: Shape,
  { transposeA = false, transposeB = false, plus }: MatMulOptions,
): Value {
  if (plus && broadcastShapes('Gemm', shape, plus.shape).some((dimension, axis) => dimension !== shape[axis]))
    throw new GraphError('Gemm', 'the addend does not fit the product', [shape, plus.shape]);
  return singleOutput(
    'Gemm',
    plus ? [a, b, plus] : [a, b],
    shape,
    (gradient) => [
      transposeA
        ? matMul(b, gradient, { transposeA: transposeB, transposeB: true })
        : matMul(gradient, b, { transposeB: !transposeB }),
      transposeB
        ? matMul(gradient, a, { transposeA: true, transposeB: transposeA })
        : matMul(a, gradient, { transposeA: !transposeA }),
      plus && sumTo(gradient, plus.shape),
    ],
    { transA: Number(transposeA), transB: Number(transposeB) },
  );
}

function stackedMatMul(a: Value, b: Value, shape: Shape, { transposeA, transposeB, plus }: MatMulOptions): Value {
  if (plus) throw new GraphError('MatMul', 'stacks of matrices take no addend', [a.shape, b.shape]);
  if (transposeA) return matMul(swapLast(a), b, { transposeB: transposeB ?? false });
  if (transposeB) return matMul(a, swapLast(b));
  const stack = broadcastShapes('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  return singleOutput('MatMul', [a, b], [...stack, ...shape], (gradient) => {
    if (a.shape.length !== b.shape.length || a.shape.slice(0, -2).some((dimension, i) => dimension !== b.shape[i]))
      throw new GraphError('MatMul', 'can be differentiated only for equal stacks of matrices', [a.shape, b.shape]);
    return [matMul(gradient, b, { transposeB: true }), matMul(a, gradient, { transposeA: true })];
  });
}

function lastTwo(shape: Shape, swapped = false): [Shape[number], Shape[number]] {
  if (shape.length < 2) throw new GraphError('MatMul', 'needs at least two axes', [shape]);
  const [first, second] = [dimensionAt(shape, -2), dimensionAt(shape, -1)];
  return swapped ? [second, first] : [first, second];
}

function swapLast(a: Value): Value {
  const order = a.shape.map((_, axis) => axis);
  const last = order.length - 1;
  return transpose(a, [...order.slice(0, -2), last, last - 1]);
}
