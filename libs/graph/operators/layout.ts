import { singleOutput, type Graph, type Value } from '../graph.js';
import { GraphError, dimensionAt, fixedDimension, sameShape, sizeOf, type Dimension, type Shape } from '../shape.js';

/** The same numbers in another shape of the same size. Both shapes must be fixed. */
export function reshape(a: Value, shape: Shape): Value {
  if (sameShape(a.shape, shape)) return a;
  if (sizeOf('Reshape', a.shape) !== sizeOf('Reshape', shape))
    throw new GraphError('Reshape', 'the sizes differ', [a.shape, shape]);
  const target = a.graph.constant(BigInt64Array.from(shape, BigInt), [shape.length]);
  return singleOutput('Reshape', [a, target], shape, (gradient) => [reshape(gradient, a.shape)]);
}

/** Adds axes of length 1 at the given places of the result. */
export function unsqueeze(a: Value, axes: readonly number[]): Value {
  const shape: Dimension[] = [...a.shape];
  for (const axis of [...axes].sort((x, y) => x - y)) shape.splice(axis, 0, 1);
  return singleOutput('Unsqueeze', [a, axesOf(a, axes)], shape, (gradient) => [squeeze(gradient, axes)]);
}

/** Takes axes of length 1 away. */
export function squeeze(a: Value, axes: readonly number[]): Value {
  for (const axis of axes)
    if (dimensionAt(a.shape, axis) !== 1)
      throw new GraphError('Squeeze', `axis ${String(axis)} has not the length 1`, [a.shape]);
  const shape = a.shape.filter((_, axis) => !axes.includes(axis));
  return singleOutput('Squeeze', [a, axesOf(a, axes)], shape, (gradient) => [unsqueeze(gradient, axes)]);
}

/** Axis i of the result is axis `order[i]` of `a`. */
export function transpose(a: Value, order: readonly number[]): Value {
  if (order.length !== a.shape.length || new Set(order).size !== order.length)
    throw new GraphError('Transpose', `the order [${order.join(', ')}] does not name each axis once`, [a.shape]);
  const shape = order.map((axis) => dimensionAt(a.shape, axis));
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return singleOutput('Transpose', [a], shape, (gradient) => [transpose(gradient, inverse)], { perm: order });
}

/** Joins values along an axis; it can be differentiated where their lengths on that axis are fixed. */
export function concat(values: readonly [Value, ...Value[]], axis: number): Value {
  const [first] = values;
  for (const value of values)
    if (value.shape.length !== first.shape.length || value.shape.some((d, i) => i !== axis && d !== first.shape[i]))
      throw new GraphError('Concat', `shapes differ beside axis ${String(axis)}`, [first.shape, value.shape]);
  if (values.length === 1) return first;
  const lengths = values.map((value) => dimensionAt(value.shape, axis));
  const total = lengths.reduce((sum, length) =>
    typeof sum === 'number' && typeof length === 'number' ? sum + length : `${String(sum)}+${String(length)}`,
  );
  const shape = first.shape.map((dimension, i) => (i === axis ? total : dimension));
  return singleOutput(
    'Concat',
    values,
    shape,
    (gradient) => {
      const sizes = values.map((value) => fixedDimension('Concat', value.shape, axis));
      return split(gradient, sizes, axis);
    },
    { axis },
  );
}

/** Cuts a value along an axis into pieces of the given lengths, which must fill it. */
export function split(a: Value, sizes: readonly number[], axis: number): readonly Value[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (fixedDimension('Split', a.shape, axis) !== total)
    throw new GraphError('Split', `pieces of [${sizes.join(', ')}] do not fill axis ${String(axis)}`, [a.shape]);
  if (sizes.length === 1) return [a];
  const shapes = sizes.map((size) => a.shape.map((dimension, i) => (i === axis ? size : dimension)));
  const outputs = shapes.map((shape) => ({ type: a.type, shape }));
  const sizesValue = a.graph.constant(BigInt64Array.from(sizes, BigInt), [sizes.length]);
  return a.graph.node('Split', [a, sizesValue], outputs, { axis }, (gradients) => {
    const pieces = gradients.map((gradient, i) => gradient ?? zeros(a.graph, shapes[i] ?? []));
    return [concat(pieces as [Value, ...Value[]], axis)];
  });
}

/** A constant of zeros; the shape must be fixed. */
export function zeros(graph: Graph, shape: Shape): Value {
  return graph.constant(new Float32Array(sizeOf('zeros', shape)), shape);
}

function axesOf(a: Value, axes: readonly number[]): Value {
  return a.graph.constant(BigInt64Array.from(axes, BigInt), [axes.length]);
}

/**
 * The same numbers, but computed only after `others`: adds nothing, taken from each of them. It keeps onnxruntime from
 * starting on `a` early and holding the memory of both. Has no gradient, and passes on infinities and NaN.
 * @param others matrices with at least one row
 */
export function after(a: Value, others: readonly Value[]): Value {
  const { graph } = a;
  const first = graph.constant(Int32Array.of(0), [1]);
  const nothing = graph.constant(new Float32Array(1), [1, 1]);
  return others.reduce((value, other) => {
    const row = singleOutput('Gather', [other, first], [1, dimensionAt(other.shape, 1)], undefined, { axis: 0 });
    const element = singleOutput('Gather', [row, first], [1, 1], undefined, { axis: 1 });
    return singleOutput('Add', [value, singleOutput('Mul', [element, nothing], [1, 1])], a.shape);
  }, a);
}
