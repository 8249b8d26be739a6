import { DATA_TYPES, singleOutput, type ElementType, type Value } from '../graph.js';
import { broadcastShapes } from '../shape.js';
import { divide, multiply, reduceSum, scale, subtract } from './arithmetic.js';

/** Natural logarithm. */
export function log(a: Value): Value {
  return singleOutput('Log', [a], a.shape, (gradient) => [divide(gradient, a)]);
}

export function exp(a: Value): Value {
  return singleOutput('Exp', [a], a.shape, (gradient, output) => [multiply(gradient, output)]);
}

export function squareRoot(a: Value): Value {
  return singleOutput('Sqrt', [a], a.shape, (gradient, root) => [divide(scale(gradient, 0.5), root)]);
}

export function sigmoid(a: Value): Value {
  return singleOutput('Sigmoid', [a], a.shape, (gradient, output) => [
    multiply(gradient, multiply(output, subtract(a.graph.scalar(1), output))),
  ]);
}

export function tanh(a: Value): Value {
  return singleOutput('Tanh', [a], a.shape, (gradient, output) => [
    multiply(gradient, subtract(a.graph.scalar(1), multiply(output, output))),
  ]);
}

/** The larger of two values, element by element, with broadcasting. Has no gradient. */
export function maximum(a: Value, b: Value): Value {
  return singleOutput('Max', [a, b], broadcastShapes('Max', a.shape, b.shape));
}

/** The smaller of two values, element by element, with broadcasting. Has no gradient. */
export function minimum(a: Value, b: Value): Value {
  return singleOutput('Min', [a, b], broadcastShapes('Min', a.shape, b.shape));
}

/** The largest of the last axis, which stays with length 1. Has no gradient. */
export function reduceMax(a: Value): Value {
  const lastAxis = a.graph.constant(BigInt64Array.of(-1n), [1]);
  return singleOutput('ReduceMax', [a, lastAxis], [...a.shape.slice(0, -1), 1], undefined, { keepdims: 1 });
}

/** Without the sign. Has no gradient. */
export function absolute(a: Value): Value {
  return singleOutput('Abs', [a], a.shape);
}

/** The same numbers as another type. Has no gradient. */
export function cast(a: Value, type: ElementType): Value {
  return singleOutput('Cast', [a], a.shape, undefined, { to: DATA_TYPES[type] }, type);
}

/** Softmax over the last axis. */
export function softmax(a: Value): Value {
  return singleOutput(
    'Softmax',
    [a],
    a.shape,
    (gradient, output) => {
      const weighted = multiply(gradient, output);
      return [subtract(weighted, multiply(output, reduceSum(weighted, [-1])))];
    },
    { axis: -1 },
  );
}
