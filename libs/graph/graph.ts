import { GraphError, sizeOf, type Shape } from './shape.js';

/** The element types in use, with their numbers in the ONNX schema (TensorProto.DataType). */
export const DATA_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

export type ElementType = keyof typeof DATA_TYPES;

/** A tensor of a graph. `float32` values can have gradients. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

export type Attribute = number | readonly number[] | string | { readonly float: number };

export interface GraphNode {
  readonly operator: string;
  /** `null`: an optional input left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** The numbers of a constant. */
export type ConstantData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

export interface Initializer {
  readonly value: Value;
  readonly data: ConstantData;
}

/**
 * Given the gradients of an operation's outputs (`undefined`: the loss does not depend on it), the gradients of its
 * inputs, in order (`undefined`: none). It may add nodes to the graph.
 */
export type GradientRule = (outputGradients: readonly (Value | undefined)[]) => readonly (Value | undefined)[];

/** One differentiable step: what `gradients` walks backwards. */
export interface TapeEntry {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly rule: GradientRule;
}

/**
 * An ONNX graph under construction. Operators (`matMul(a, b)`) add nodes to the graph of their arguments, check shapes,
 * and write down how to differentiate themselves.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly tape: TapeEntry[] = [];
  private readonly scalars = new Map<number, Value>();
  private count = 0;
  private recording = true;

  /** A value that is given at every run. */
  input(name: string, type: ElementType, shape: Shape): Value {
    if (this.inputs.some((input) => input.name === name)) throw new GraphError('input', `"${name}" is there already`);
    const value: Value = { graph: this, name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /**
   * A value that is part of the file. Throws a `GraphError` if the data do not fill the shape.
   * @param name to find it by in the file, see `readConstants`; no other value may have it
   */
  constant(data: ConstantData, shape: Shape, name?: string): Value {
    if (sizeOf('constant', shape) !== data.length)
      throw new GraphError('constant', `${String(data.length)} numbers do not fill the shape`, [shape]);
    const type = typeOf(data);
    const value: Value = name === undefined ? this.name('constant', type, shape) : { graph: this, name, type, shape };
    this.initializers.push({ value, data });
    return value;
  }

  /** A float constant of shape [], made once per number. */
  scalar(number: number): Value {
    const known = this.scalars.get(number);
    if (known) return known;
    const value = this.constant(Float32Array.of(number), []);
    this.scalars.set(number, value);
    return value;
  }

  /** Makes a value a result of every run, under this name. */
  output(name: string, value: Value): void {
    this.outputs.push({ name, value });
  }

  /** Adds one ONNX node; operators call this after they have checked their shapes. */
  node(
    operator: string,
    inputs: readonly (Value | null)[],
    outputs: readonly { readonly type: ElementType; readonly shape: Shape }[],
    attributes: Readonly<Record<string, Attribute>> = {},
    rule?: GradientRule,
  ): readonly Value[] {
    const values = outputs.map(({ type, shape }) => this.name(operator, type, shape));
    this.nodes.push({ operator, inputs, outputs: values, attributes });
    if (rule)
      this.differentiateBy(
        inputs.filter((input) => input !== null),
        values,
        rule,
      );
    return values;
  }

  /** States how `outputs` are differentiated with respect to `inputs`. */
  differentiateBy(inputs: readonly Value[], outputs: readonly Value[], rule: GradientRule): void {
    if (this.recording) this.tape.push({ inputs, outputs, rule });
  }

  /** Runs `build` without writing derivatives down: for operations that state a rule of their own for the whole. */
  withoutTape<T>(build: () => T): T {
    const before = this.recording;
    this.recording = false;
    try {
      return build();
    } finally {
      this.recording = before;
    }
  }

  private name(prefix: string, type: ElementType, shape: Shape): Value {
    this.count += 1;
    return { graph: this, name: `${prefix}_${String(this.count)}`, type, shape };
  }
}

function typeOf(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

/** Adds a node with one output. */
export function singleOutput(
  operator: string,
  inputs: readonly [Value, ...(Value | null)[]],
  shape: Shape,
  rule?: (gradient: Value, output: Value) => readonly (Value | undefined)[],
  attributes: Readonly<Record<string, Attribute>> = {},
  type: ElementType = inputs[0].type,
): Value {
  const graph = inputs[0].graph;
  const [output] = graph.node(operator, inputs, [{ type, shape }], attributes);
  if (!output) throw new GraphError(operator, 'has no output');
  if (rule) {
    const differentiable = inputs.filter((input) => input !== null);
    graph.differentiateBy(differentiable, [output], ([gradient]) => (gradient ? rule(gradient, output) : []));
  }
  return output;
}
