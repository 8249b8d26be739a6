import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { DATA_TYPES, type Attribute, type Graph, type GraphNode, type Initializer, type Value } from './graph.js';
import { fixedDimension, sizeOf } from './shape.js';

const schema = protobuf.loadSync(fileURLToPath(new URL('./onnx.proto', import.meta.url)));
const modelType = schema.lookupType('onnx.ModelProto');

/** ONNX operator set 18 (ScatterND with `reduction`, Split and ReduceSum with sizes and axes as inputs); IR version 10. */
const OPERATOR_SET = 18;
const IR_VERSION = 10;

/** AttributeProto.AttributeType of the ONNX schema. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** The graph as the bytes of an ONNX file. */
export function serialise(graph: Graph, name = 'nextpick'): Uint8Array {
  const { nodes, initializers } = neededBy(graph);
  const names = new Map<Value, string>();
  const computed = new Set(nodes.flatMap((node) => node.outputs));
  // A computed value goes by its public name. One that is an input, or an output for the second time, is copied to it.
  const identities = graph.outputs.flatMap(({ name: publicName, value }): GraphNode[] => {
    if (computed.has(value) && !names.has(value)) {
      names.set(value, publicName);
      return [];
    }
    const copy: Value = { ...value, name: publicName };
    return [{ operator: 'Identity', inputs: [value], outputs: [copy], attributes: {} }];
  });
  const nameOf = (value: Value): string => names.get(value) ?? value.name;
  const model = modelType.fromObject({
    irVersion: IR_VERSION,
    producerName: 'nextpick',
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    graph: {
      name,
      node: [...nodes, ...identities].map((node, index) => nodeProto(node, index, nameOf)),
      initializer: initializers.map(({ value, data }) => ({
        name: value.name,
        dims: value.shape,
        dataType: DATA_TYPES[value.type],
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: graph.inputs.map((value) => valueInfo(value.name, value)),
      output: graph.outputs.map((output) => valueInfo(output.name, output.value)),
    },
  });
  return modelType.encode(model).finish();
}

/** A float constant of a file. */
export interface FileConstant {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The float constants of an ONNX file that {@link serialise} wrote, by name.
 * @throws Error when the bytes are no such file
 */
export function readConstants(bytes: Uint8Array): ReadonlyMap<string, FileConstant> {
  const { graph } = modelType.decode(bytes) as unknown as { graph: { initializer: readonly TensorProto[] } };
  const floats = graph.initializer.filter(({ dataType }) => dataType === DATA_TYPES.float32);
  return new Map(
    floats.map(({ name, dims, rawData }) => [
      name,
      // A copy, for the numbers of a file lie at any byte.
      { shape: dims.map(Number), data: new Float32Array(Uint8Array.from(rawData).buffer) },
    ]),
  );
}

interface TensorProto {
  readonly name: string;
  /** A number, or an object that becomes one. */
  readonly dims: readonly unknown[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

/** The additions and multiplications of one run's matrix products; all lengths must be fixed. */
export function matMulOperations(graph: Graph): number {
  return neededBy(graph).nodes.reduce((sum, { operator, inputs, outputs, attributes }) => {
    const [a, product] = [inputs[0], outputs[0]];
    if ((operator !== 'Gemm' && operator !== 'MatMul') || !a || !product) return sum;
    const inner = fixedDimension(operator, a.shape, attributes.transA === 1 ? -2 : -1);
    return sum + 2 * inner * sizeOf(operator, product.shape);
  }, 0);
}

/** What some output depends on: derivatives that nobody asked for are left out. */
function neededBy(graph: Graph): { nodes: readonly GraphNode[]; initializers: readonly Initializer[] } {
  const needed = new Set(graph.outputs.map((output) => output.value));
  const nodes = graph.nodes.toReversed().filter((node) => {
    const used = node.outputs.some((output) => needed.has(output));
    if (used) for (const input of node.inputs) if (input) needed.add(input);
    return used;
  });
  return { nodes: nodes.reverse(), initializers: graph.initializers.filter(({ value }) => needed.has(value)) };
}

function nodeProto(node: GraphNode, index: number, nameOf: (value: Value) => string): Record<string, unknown> {
  return {
    name: `${node.operator}#${String(index)}`,
    opType: node.operator,
    input: node.inputs.map((input) => (input ? nameOf(input) : '')),
    output: node.outputs.map(nameOf),
    attribute: Object.entries(node.attributes).map(([name, value]) => ({ name, ...attributeProto(value) })),
  };
}

function attributeProto(value: Attribute): Record<string, unknown> {
  if (typeof value === 'number') return { type: ATTRIBUTE_TYPES.int, i: value };
  if (typeof value === 'string') return { type: ATTRIBUTE_TYPES.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { type: ATTRIBUTE_TYPES.float, f: value.float };
  return { type: ATTRIBUTE_TYPES.ints, ints: [...value] };
}

function valueInfo(name: string, value: Value): Record<string, unknown> {
  const dim = value.shape.map((dimension) =>
    typeof dimension === 'string' ? { dimParam: dimension } : { dimValue: dimension },
  );
  return { name, type: { tensorType: { elemType: DATA_TYPES[value.type], shape: { dim } } } };
}
