import { describe, expect, it } from 'vitest';
import { expectClose, runGraph, valueOf, type Operator } from '../../test/support/gradient-check.js';
import {
  Graph,
  GraphError,
  add,
  addToRows,
  after,
  cast,
  concat,
  cumulativeSum,
  exp,
  gatherElements,
  gatherRows,
  gradients,
  matMul,
  maximum,
  minimum,
  multiply,
  reduceSum,
  replaceElements,
  reshape,
  scale,
  split,
  squeeze,
  topK,
  transpose,
  zeros,
  type Shape,
  type Value,
} from './index.js';

const pick = (values: Value[], i: number): Value => values[i] as Value;
const unary =
  (operator: (a: Value) => Value): Operator =>
  (values) =>
    operator(pick(values, 0));

describe('operators without a gradient', () => {
  const matrix = { shape: [2, 3], data: Float32Array.of(3, 1, 2, 4, 6, 5) };
  const integers = (value: Value, ...indexes: number[]): Value =>
    value.graph.constant(Int32Array.from(indexes), [2, indexes.length / 2]);

  it.each<{ name: string; operator: Operator; expected: number[] }>([
    { name: 'maximum', operator: unary((a) => maximum(a, a.graph.scalar(3))), expected: [3, 3, 3, 4, 6, 5] },
    { name: 'minimum', operator: unary((a) => minimum(a, a.graph.scalar(3))), expected: [3, 1, 2, 3, 3, 3] },
    {
      name: 'cast',
      operator: unary((a) => cast(cast(scale(a, 1.3), 'int32'), 'float32')),
      expected: [3, 1, 2, 5, 7, 6],
    },
    { name: 'gatherElements', operator: unary((a) => gatherElements(a, integers(a, 0, 2))), expected: [3, 5] },
    {
      name: 'replaceElements',
      operator: unary((a) => replaceElements(a, integers(a, 0, 2), a.graph.constant(Float32Array.of(-1, -2), [2, 1]))),
      expected: [-1, 1, 2, 4, 6, -2],
    },
    {
      name: 'addToRows, one row twice',
      operator: unary((a) => addToRows(zeros(a.graph, [2, 3]), a.graph.constant(Int32Array.of(1, 1), [2]), a)),
      expected: [0, 0, 0, 7, 7, 7],
    },
    {
      name: 'topK',
      operator: unary((a) => topK(a, a.graph.constant(BigInt64Array.of(2n), [1]), 'k')[0]),
      expected: [3, 2, 6, 5],
    },
    { name: 'cumulativeSum', operator: unary(cumulativeSum), expected: [3, 4, 6, 4, 10, 15] },
    { name: 'after', operator: unary((a) => after(a, [scale(a, 2), exp(a)])), expected: [3, 1, 2, 4, 6, 5] },
  ])('$name gives its value', async ({ operator, expected }) => {
    expectClose(await valueOf([matrix], operator), expected);
  });

  it('topK names the places', async () => {
    expect(
      await valueOf(
        [matrix],
        unary((a) => topK(a, a.graph.constant(BigInt64Array.of(2n), [1]), 'k')[1]),
      ),
    ).toEqual([0, 2, 1, 2]);
  });
});

describe('shapes', () => {
  const float = (...shape: Shape): Value => new Graph().input('x', 'float32', shape);
  const pair = (a: Shape, b: Shape): [Value, Value] => {
    const graph = new Graph();
    return [graph.input('a', 'float32', a), graph.input('b', 'float32', b)];
  };

  it.each<[string, () => unknown, string]>([
    ['add', () => add(...pair([2, 3], [2, 4])), 'Add: shapes do not broadcast; given [2, 3] and [2, 4]'],
    ['matMul', () => matMul(...pair([2, 3], [4, 5])), 'MatMul: the inner lengths differ; given [2, 3] and [4, 5]'],
    ['matMul of a vector', () => matMul(...pair([3], [3, 5])), 'MatMul: needs at least two axes; given [3]'],
    ['reshape', () => reshape(float(2, 3), [4]), 'Reshape: the sizes differ; given [2, 3] and [4]'],
    [
      'reshape of a named length',
      () => reshape(float('batch', 3), [4]),
      'Reshape: axis 0 needs a fixed length; given [batch, 3]',
    ],
    [
      'named lengths',
      () => add(...pair(['batch', 3], ['length', 3])),
      'Add: shapes do not broadcast; given [batch, 3] and [length, 3]',
    ],
    ['concat', () => concat(pair([2, 3], [2, 4]), 0), 'Concat: shapes differ beside axis 0; given [2, 3] and [2, 4]'],
    ['split', () => split(float(2, 3), [1, 1], 1), 'Split: pieces of [1, 1] do not fill axis 1; given [2, 3]'],
    ['squeeze', () => squeeze(float(2, 3), [0]), 'Squeeze: axis 0 has not the length 1; given [2, 3]'],
    [
      'transpose',
      () => transpose(float(2, 3), [0, 0]),
      'Transpose: the order [0, 0] does not name each axis once; given [2, 3]',
    ],
    ['reduceSum', () => reduceSum(float(2, 3), [2]), 'ReduceSum: there is no axis 2; given [2, 3]'],
    ['gatherRows', () => gatherRows(float(2, 3), float(2)), 'Gather: indexes must be integers'],
    [
      'constant',
      () => new Graph().constant(new Float32Array(3), [2]),
      'constant: 3 numbers do not fill the shape; given [2]',
    ],
    ['loss', () => gradients(float(2), []), 'gradients: the loss must be one number; given [2]'],
  ])('%s says what does not fit', (_, build, message) => {
    expect(build).toThrow(GraphError);
    expect(build).toThrow(message);
  });
});

describe('gradients', () => {
  it('sums over all the ways that a value is used, and is zero for a value that is not', async () => {
    const { used, unused } = await runGraph(
      [
        { shape: [1], data: Float32Array.of(3) },
        { shape: [2], data: Float32Array.of(1, 1) },
      ],
      (graph, values) => {
        const x = pick(values, 0);
        const [dx, dy] = gradients(add(multiply(x, x), scale(x, 5)), values);
        graph.output('used', dx as Value);
        graph.output('unused', dy as Value);
      },
    );
    expect(used).toEqual([11]);
    expect(unused).toEqual([0, 0]);
  });
});
