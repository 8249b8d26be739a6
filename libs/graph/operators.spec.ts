import { describe, it } from 'vitest';
import { Random } from '#domain';
import {
  expectClose,
  expectGradients,
  numbers as randomNumbers,
  valueOf,
  type Numbers,
  type Operator,
} from '../../test/support/gradient-check.js';
import {
  add,
  addToElements,
  concat,
  divide,
  exp,
  gatherRows,
  log,
  matMul,
  multiply,
  multiplyElements,
  negate,
  reduceSum,
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
  transpose,
  unsqueeze,
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

/** Elements of single rows, by places [rows, n]; a row may name an element twice. */
const scatters: {
  name: string;
  operator: (a: Value, indexes: Value, values: Value) => Value;
  apply: (x: number, value: number) => number;
}[] = [
  { name: 'addToElements', operator: addToElements, apply: (x, value) => x + value },
  { name: 'multiplyElements', operator: multiplyElements, apply: (x, factor) => x * factor },
];

describe.each(scatters)('$name', ({ operator, apply }) => {
  it('gives what a loop over the rows gives', async () => {
    const [rows, columns, width] = [3, 5, 4];
    const [a, values] = [numbers(rows, columns), numbers(rows, width)];
    const places = [4, 0, 2, 4, 0, 0, 0, 0, 1, 3, 0, 2];
    const expected = [...a.data];
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < width; i++) {
        const element = row * columns + (places[row * width + i] ?? NaN);
        expected[element] = apply(expected[element] ?? NaN, at(values.data, row * width + i));
      }
    const indexes = BigInt64Array.from(places, BigInt);
    const found = await valueOf([a, values], (v) =>
      operator(pick(v, 0), pick(v, 0).graph.constant(indexes, [rows, width]), pick(v, 1)),
    );
    expectClose(found, expected);
  });
});
