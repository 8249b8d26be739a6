import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import {
  expectClose,
  expectGradients,
  numbers as randomNumbers,
  runGraph,
  valueOf,
  type Numbers,
  type Operator,
} from '../../test/support/gradient-check.js';
import {
  Graph,
  GraphError,
  add,
  addToRows,
  after,
  cast,
  concat,
  cumulativeSum,
  divide,
  exp,
  gatherElements,
  gatherRows,
  gradients,
  log,
  matMul,
  maximum,
  minimum,
  multiply,
  negate,
  reduceSum,
  replaceElements,
  reshape,
  scale,
  sigmoid,
  softmax,
  split,
  squareRoot,
  squeeze,
  subtract,
  sumTo,
  tanh,
  topK,
  transpose,
  unsqueeze,
  zeros,
  type Shape,
  type Value,
} from './index.js';

const random = new Random(7);
const numbers = (...shape: number[]): Numbers => randomNumbers(random, ...shape);
const positive = (...shape: number[]): Numbers => ({
  shape,
  data: numbers(...shape).data.map((x) => 0.5 + Math.abs(x)),
});

const pick = (values: Value[], i: number): Value => values[i] as Value;
const unary =
  (operator: (a: Value) => Value): Operator =>
  (values) =>
    operator(pick(values, 0));
const binary =
  (operator: (a: Value, b: Value) => Value): Operator =>
  (values) =>
    operator(pick(values, 0), pick(values, 1));

/** Every operator that has a derivative: inputs, and what each output must be, from plain arithmetic. */
const differentiable: {
  name: string;
  inputs: Numbers[];
  operator: Operator;
  expected: (data: Float32Array[]) => number[];
}[] = [
  {
    name: 'add',
    inputs: [numbers(2, 3), numbers(2, 3)],
    operator: binary(add),
    expected: ([a, b]) => each(a, (x, i) => x + at(b, i)),
  },
  {
    name: 'add, a row to a matrix',
    inputs: [numbers(2, 3), numbers(1, 3)],
    operator: binary(add),
    expected: ([a, b]) => each(a, (x, i) => x + at(b, i % 3)),
  },
  {
    name: 'add, fewer axes',
    inputs: [numbers(2, 3), numbers(3)],
    operator: binary(add),
    expected: ([a, b]) => each(a, (x, i) => x + at(b, i % 3)),
  },
  {
    name: 'subtract, a column from a matrix',
    inputs: [numbers(2, 3), numbers(2, 1)],
    operator: binary(subtract),
    expected: ([a, b]) => each(a, (x, i) => x - at(b, Math.floor(i / 3))),
  },
  {
    name: 'multiply, broadcast',
    inputs: [numbers(2, 3), numbers(2, 1)],
    operator: binary(multiply),
    expected: ([a, b]) => each(a, (x, i) => x * at(b, Math.floor(i / 3))),
  },
  {
    name: 'divide, broadcast',
    inputs: [numbers(2, 3), positive(1, 3)],
    operator: binary(divide),
    expected: ([a, b]) => each(a, (x, i) => x / at(b, i % 3)),
  },
  {
    name: 'scale',
    inputs: [numbers(4)],
    operator: unary((a) => scale(a, -2.5)),
    expected: ([a]) => each(a, (x) => -2.5 * x),
  },
  { name: 'negate', inputs: [numbers(4)], operator: unary(negate), expected: ([a]) => each(a, (x) => -x) },
  { name: 'log', inputs: [positive(4)], operator: unary(log), expected: ([a]) => each(a, Math.log) },
  { name: 'exp', inputs: [numbers(4)], operator: unary(exp), expected: ([a]) => each(a, Math.exp) },
  { name: 'squareRoot', inputs: [positive(4)], operator: unary(squareRoot), expected: ([a]) => each(a, Math.sqrt) },
  {
    name: 'sigmoid',
    inputs: [numbers(4)],
    operator: unary(sigmoid),
    expected: ([a]) => each(a, (x) => 1 / (1 + Math.exp(-x))),
  },
  { name: 'tanh', inputs: [numbers(4)], operator: unary(tanh), expected: ([a]) => each(a, Math.tanh) },
  {
    name: 'softmax',
    inputs: [numbers(2, 3)],
    operator: unary(softmax),
    expected: ([a]) => each(a, (x, i) => Math.exp(x) / sum(a?.slice(i - (i % 3), i - (i % 3) + 3).map(Math.exp))),
  },
  {
    name: 'reduceSum',
    inputs: [numbers(2, 3)],
    operator: unary((a) => reduceSum(a, [-1])),
    expected: ([a]) => [sum(a?.slice(0, 3)), sum(a?.slice(3))],
  },
  {
    name: 'sumTo',
    inputs: [numbers(2, 3)],
    operator: unary((a) => multiply(sumTo(a, [3]), sumTo(a, [3]))),
    expected: ([a]) => [0, 1, 2].map((i) => (at(a, i) + at(a, i + 3)) ** 2),
  },
  {
    name: 'matMul',
    inputs: [numbers(2, 3), numbers(3, 2)],
    operator: binary(matMul),
    expected: ([a, b]) => product(a, b, 2, 3, 2),
  },
  {
    name: 'matMul, first transposed',
    inputs: [numbers(3, 2), numbers(3, 2)],
    operator: binary((a, b) => matMul(a, b, { transposeA: true })),
    expected: ([a, b]) => product(flip(a, 3, 2), b, 2, 3, 2),
  },
  {
    name: 'matMul, second transposed',
    inputs: [numbers(2, 3), numbers(2, 3)],
    operator: binary((a, b) => matMul(a, b, { transposeB: true })),
    expected: ([a, b]) => product(a, flip(b, 2, 3), 2, 3, 2),
  },
  {
    name: 'matMul, both transposed',
    inputs: [numbers(3, 2), numbers(2, 3)],
    operator: binary((a, b) => matMul(a, b, { transposeA: true, transposeB: true })),
    expected: ([a, b]) => product(flip(a, 3, 2), flip(b, 2, 3), 2, 3, 2),
  },
  {
    name: 'matMul plus a row',
    inputs: [numbers(2, 3), numbers(3, 2), numbers(1, 2)],
    operator: (v) => matMul(pick(v, 0), pick(v, 1), { plus: pick(v, 2) }),
    expected: ([a, b, c]) => product(a, b, 2, 3, 2).map((x, i) => x + at(c, i % 2)),
  },
  {
    name: 'matMul of stacks',
    inputs: [numbers(2, 1, 3), numbers(2, 3, 2)],
    operator: binary(matMul),
    expected: ([a, b]) => [
      ...product(a?.slice(0, 3), b?.slice(0, 6), 1, 3, 2),
      ...product(a?.slice(3), b?.slice(6), 1, 3, 2),
    ],
  },
  {
    name: 'matMul of stacks, second transposed',
    inputs: [numbers(2, 1, 3), numbers(2, 2, 3)],
    operator: binary((a, b) => matMul(a, b, { transposeB: true })),
    expected: ([a, b]) => [
      ...product(a?.slice(0, 3), flip(b?.slice(0, 6), 2, 3), 1, 3, 2),
      ...product(a?.slice(3), flip(b?.slice(6), 2, 3), 1, 3, 2),
    ],
  },
  {
    name: 'reshape',
    inputs: [numbers(2, 3)],
    operator: unary((a) => reshape(a, [3, 2])),
    expected: ([a]) => [...(a ?? [])],
  },
  {
    name: 'unsqueeze',
    inputs: [numbers(2, 3)],
    operator: unary((a) => unsqueeze(a, [1])),
    expected: ([a]) => [...(a ?? [])],
  },
  {
    name: 'squeeze',
    inputs: [numbers(2, 1, 3)],
    operator: unary((a) => squeeze(a, [1])),
    expected: ([a]) => [...(a ?? [])],
  },
  {
    name: 'transpose',
    inputs: [numbers(2, 3)],
    operator: unary((a) => transpose(a, [1, 0])),
    expected: ([a]) => [...flip(a, 2, 3)],
  },
  {
    name: 'concat',
    inputs: [numbers(1, 2), numbers(2, 2)],
    operator: binary((a, b) => concat([a, b], 0)),
    expected: ([a, b]) => [...(a ?? []), ...(b ?? [])],
  },
  {
    name: 'split',
    inputs: [numbers(2, 3)],
    operator: unary((a) => pick([...split(a, [1, 2], 1)], 1)),
    expected: ([a]) => [1, 2, 4, 5].map((i) => at(a, i)),
  },
  {
    name: 'gatherRows, one row twice',
    inputs: [numbers(3, 2)],
    operator: unary((a) => gatherRows(a, a.graph.constant(Int32Array.of(2, 0, 2), [3]))),
    expected: ([a]) => [4, 5, 0, 1, 4, 5].map((i) => at(a, i)),
  },
];

const at = (data: Float32Array | undefined, i: number): number => data?.[i] ?? NaN;
const each = (data: Float32Array | undefined, f: (x: number, i: number) => number): number[] =>
  Array.from(data ?? [], f);
const sum = (data = new Float32Array()): number => data.reduce((total, x) => total + x, 0);
const flip = (data: Float32Array | undefined, rows: number, columns: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, i) => at(data, (i % rows) * columns + Math.floor(i / rows)));
const product = (a: Float32Array | undefined, b: Float32Array | undefined, m: number, k: number, n: number): number[] =>
  Array.from({ length: m * n }, (_, i) =>
    sum(Float32Array.from({ length: k }, (__, j) => at(a, Math.floor(i / n) * k + j) * at(b, j * n + (i % n)))),
  );

describe.each(differentiable)('$name', ({ inputs, operator, expected }) => {
  it('gives the value that plain arithmetic gives', async () => {
    expectClose(await valueOf(inputs, operator), expected(inputs.map(({ data }) => data)));
  });

  it('has the gradient that central differences give', async () => {
    await expectGradients(inputs, operator);
  });
});

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
