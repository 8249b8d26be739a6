import { singleOutput, type Value } from '../graph.js';
import { GraphError, dimensionAt, sameShape, sizeOf } from '../shape.js';
import { cast } from './functions.js';
import { reshape, zeros } from './layout.js';

/** Rows of a table [rows, width] by their numbers (integers of any shape): [...indexes.shape, width]. */
export function gatherRows(table: Value, indexes: Value): Value {
  if (table.shape.length !== 2) throw new GraphError('Gather', 'the table needs two axes', [table.shape]);
  if (indexes.type === 'float32') throw new GraphError('Gather', 'indexes must be integers');
  const width = dimensionAt(table.shape, 1);
  return singleOutput(
    'Gather',
    [table, indexes],
    [...indexes.shape, width],
    (gradient) => {
      const flatIndexes = reshape(indexes, [sizeOf('Gather', indexes.shape)]);
      const flatGradient = reshape(gradient, [sizeOf('Gather', indexes.shape), width]);
      return [addToRows(zeros(table.graph, table.shape), flatIndexes, flatGradient)];
    },
    { axis: 0 },
  );
}

/** The table [rows, width] with each update [n, width] added to the row that `indexes` [n] names. Has no gradient. */
export function addToRows(table: Value, indexes: Value, updates: Value): Value {
  const count = dimensionAt(indexes.shape, 0);
  if (!sameShape(updates.shape, [count, dimensionAt(table.shape, 1)]))
    throw new GraphError('ScatterND', 'updates do not fit the table and the indexes', [updates.shape, table.shape]);
  const places = cast(reshape(indexes, [count, 1]), 'int64');
  return singleOutput('ScatterND', [table, places, updates], table.shape, undefined, { reduction: 'add' });
}

/** From each row of `a` [rows, columns] the elements at `indexes` [rows, n]. Has no gradient. */
export function gatherElements(a: Value, indexes: Value): Value {
  return singleOutput('GatherElements', [a, indexes], indexes.shape, undefined, { axis: 1 });
}

/** `a` [rows, columns] with the elements at `indexes` [rows, n] replaced by `updates` [rows, n]. Has no gradient. */
export function replaceElements(a: Value, indexes: Value, updates: Value): Value {
  return scatter(a, indexes, updates, 'none');
}

/** `a` [rows, columns] with `updates` [rows, n] added to the elements at `indexes` [rows, n]. Has no gradient. */
export function addToElements(a: Value, indexes: Value, updates: Value): Value {
  return scatter(a, indexes, updates, 'add');
}

/** `a` [rows, columns] with the elements at `indexes` [rows, n] times `factors` [rows, n]. Has no gradient. */
export function multiplyElements(a: Value, indexes: Value, factors: Value): Value {
  return scatter(a, indexes, factors, 'mul');
}

function scatter(a: Value, indexes: Value, updates: Value, reduction: 'none' | 'add' | 'mul'): Value {
  return singleOutput('ScatterElements', [a, indexes, updates], a.shape, undefined, { axis: 1, reduction });
}

/** The k largest of each row, largest first. `count`: int64 [1]. Returns values and int64 indexes. Has no gradient. */
export function topK(a: Value, count: Value, k: string): readonly [values: Value, indexes: Value] {
  const shape = [...a.shape.slice(0, -1), k];
  const [values, indexes] = a.graph.node(
    'TopK',
    [a, count],
    [
      { type: a.type, shape },
      { type: 'int64', shape },
    ],
    { axis: -1, largest: 1, sorted: 1 },
  );
  if (!values || !indexes) throw new GraphError('TopK', 'has two outputs');
  return [values, indexes];
}

/** Sums from the start of the last axis up to each place. Has no gradient. */
export function cumulativeSum(a: Value): Value {
  const axis = a.graph.constant(Int32Array.of(a.shape.length - 1), []);
  return singleOutput('CumSum', [a, axis], a.shape);
}
