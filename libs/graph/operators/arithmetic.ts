import { singleOutput, type Value } from '../graph.js';
import { GraphError, broadcastShapes, sameShape, type Shape } from '../shape.js';
import { reshape } from './layout.js';

/** a + b, with broadcasting. */
export function add(a: Value, b: Value): Value {
  return singleOutput('Add', [a, b], broadcastShapes('Add', a.shape, b.shape), (gradient) => [
    sumTo(gradient, a.shape),
    sumTo(gradient, b.shape),
  ]);
}

/** a - b, with broadcasting. */
export function subtract(a: Value, b: Value): Value {
  return singleOutput('Sub', [a, b], broadcastShapes('Sub', a.shape, b.shape), (gradient) => [
    sumTo(gradient, a.shape),
    sumTo(negate(gradient), b.shape),
  ]);
}

/** a * b element by element, with broadcasting. */
export function multiply(a: Value, b: Value): Value {
  return singleOutput('Mul', [a, b], broadcastShapes('Mul', a.shape, b.shape), (gradient) => [
    sumTo(multiply(gradient, b), a.shape),
    sumTo(multiply(gradient, a), b.shape),
  ]);
}

/** a / b element by element, with broadcasting. */
export function divide(a: Value, b: Value): Value {
  return singleOutput('Div', [a, b], broadcastShapes('Div', a.shape, b.shape), (gradient, quotient) => [
    sumTo(divide(gradient, b), a.shape),
    sumTo(negate(divide(multiply(gradient, quotient), b)), b.shape),
  ]);
}

/** a * factor. */
export function scale(a: Value, factor: number): Value {
  return multiply(a, a.graph.scalar(factor));
}

export function negate(a: Value): Value {
  return singleOutput('Neg', [a], a.shape, (gradient) => [negate(gradient)]);
}

/** Sums over the axes, which stay with length 1. */
export function reduceSum(a: Value, axes: readonly number[]): Value {
  const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + a.shape.length : axis)));
  for (const axis of reduced)
    if (axis < 0 || axis >= a.shape.length)
      throw new GraphError('ReduceSum', `there is no axis ${String(axis)}`, [a.shape]);
  const shape = a.shape.map((dimension, axis) => (reduced.has(axis) ? 1 : dimension));
  const axesValue = a.graph.constant(
    BigInt64Array.from(
      [...reduced].sort((x, y) => x - y),
      BigInt,
    ),
    [reduced.size],
  );
  return singleOutput('ReduceSum', [a, axesValue], shape, (gradient) => [expand(gradient, a.shape)], { keepdims: 1 });
}

/** Undoes a broadcast: sums over the axes of `gradient` that were stretched from `shape`. */
export function sumTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const offset = gradient.shape.length - shape.length;
  const stretched = gradient.shape.flatMap((dimension, axis) =>
    axis < offset || (shape[axis - offset] === 1 && dimension !== 1) ? [axis] : [],
  );
  const summed = stretched.length > 0 ? reduceSum(gradient, stretched) : gradient;
  return offset > 0 ? reshape(summed, shape) : summed;
}

/** Stretches axes of length 1 to a fixed shape. Has no gradient: it is used only in derivatives. */
function expand(a: Value, shape: Shape): Value {
  const target = a.graph.constant(BigInt64Array.from(shape, BigInt), [shape.length]);
  return singleOutput('Expand', [a, target], shape);
}
