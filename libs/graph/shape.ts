import { DomainError } from '#domain';

/** The length of one axis: a number, or the name of a length that is only known when the graph runs. */
export type Dimension = number | string;

export type Shape = readonly Dimension[];

/** A graph that cannot be built: the operator and the shapes that do not fit are in the message. */
export class GraphError extends DomainError {
  constructor(operator: string, problem: string, shapes: readonly Shape[] = []) {
    const given = shapes.length > 0 ? `; given ${shapes.map(printShape).join(' and ')}` : '';
    super('internal', 'graph_invalid', `${operator}: ${problem}${given}`, { operator });
  }
}

export function printShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** The length of one axis. Negative axes count from the end. */
export function dimensionAt(shape: Shape, axis: number): Dimension {
  const dimension = shape.at(axis);
  if (dimension === undefined || axis >= shape.length)
    throw new GraphError('axis', `there is no axis ${String(axis)}`, [shape]);
  return dimension;
}

/** Like `dimensionAt`, for an axis whose length must be known when the graph is built. */
export function fixedDimension(operator: string, shape: Shape, axis: number): number {
  const dimension = dimensionAt(shape, axis);
  if (typeof dimension === 'string')
    throw new GraphError(operator, `axis ${String(axis)} needs a fixed length`, [shape]);
  return dimension;
}

/** The number of elements; every axis must be fixed. */
export function sizeOf(operator: string, shape: Shape): number {
  return shape.reduce<number>((size, _, axis) => size * fixedDimension(operator, shape, axis), 1);
}

/**
 * The shape of an element-wise operation on two shapes, by the rules of
 * https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md; a named length fits only itself and 1.
 */
export function broadcastShapes(operator: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new GraphError(operator, 'shapes do not broadcast', [a, b]);
  });
}
