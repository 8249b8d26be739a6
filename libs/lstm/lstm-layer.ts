import {
  add,
  concat,
  matMul,
  multiply,
  sigmoid,
  split,
  tanh,
  dimensionAt,
  transpose,
  unsqueeze,
  type Value,
} from '#graph';
import { uniformFor, type ParameterDefinition } from './parameters.js';

export interface LstmWeights {
  /** [inputs, 4 x width], gates in ONNX order: input, output, forget, cell candidate. */
  readonly inputWeights: Value;
  /** [width, 4 x width] */
  readonly recurrentWeights: Value;
  /** [1, 4 x width] */
  readonly gateBias: Value;
}

/** The weights of one LSTM layer; the forget gate's bias starts at 1 (Jozefowicz et al., 2015). */
export function lstmParameters(inputs: number, width: number): ParameterDefinition[] {
  return [
    { name: 'inputWeights', shape: [inputs, 4 * width], initial: uniformFor(width) },
    { name: 'recurrentWeights', shape: [width, 4 * width], initial: uniformFor(width) },
    {
      name: 'gateBias',
      shape: [1, 4 * width],
      initial: (_, index) => (index >= 2 * width && index < 3 * width ? 1 : 0),
    },
  ];
}

/**
 * The LSTM of Hochreiter and Schmidhuber with a forget gate, one set of nodes per step, so that it can be differentiated
 * through the whole session.
 * @param inputs [steps x batch, inputs], step by step
 * @returns states [steps x batch, width], step by step
 */
export function lstmUnrolled(inputs: Value, steps: number, batch: number, weights: LstmWeights): Value {
  const { inputWeights, recurrentWeights, gateBias } = weights;
  const width = Number(dimensionAt(recurrentWeights.shape, 0));
  const projected = matMul(inputs, inputWeights, { plus: gateBias }); // [steps x batch, 4 x width]
  const states: Value[] = [];
  let state: Value | undefined;
  let cell: Value | undefined;
  for (const fromInput of split(projected, new Array<number>(steps).fill(batch), 0)) {
    const gates = state ? matMul(state, recurrentWeights, { plus: fromInput }) : fromInput; // [batch, 4 x width]
    const [open, candidate] = split(gates, [3 * width, width], 1) as [Value, Value];
    const [inputGate, outputGate, forgetGate] = split(sigmoid(open), [width, width, width], 1) as [Value, Value, Value];
    const written = multiply(inputGate, tanh(candidate));
    cell = cell ? add(multiply(forgetGate, cell), written) : written;
    state = multiply(outputGate, tanh(cell));
    states.push(state);
  }
  return concat(states as [Value, ...Value[]], 0);
}

/**
 * The same layer as one ONNX `LSTM` node, for serving. It takes sessions of whatever length and has no derivative.
 * @param inputs [steps, batch, inputs]
 * @param lengths int32 [batch]: steps of each session
 * @returns the state after the last step of each session [1, batch, width]
 */
export function lstmFused(inputs: Value, lengths: Value, weights: LstmWeights): Value {
  const width = Number(dimensionAt(weights.recurrentWeights.shape, 0));
  const batch = dimensionAt(inputs.shape, 1);
  const onnxWeights = [weights.inputWeights, weights.recurrentWeights].map((value) => stacked(value)) as [Value, Value];
  const bias = concat([weights.gateBias, inputs.graph.constant(new Float32Array(4 * width), [1, 4 * width])], 1);
  const [, lastState] = inputs.graph.node(
    'LSTM',
    [inputs, ...onnxWeights, bias, lengths],
    [
      { type: 'float32', shape: [dimensionAt(inputs.shape, 0), 1, batch, width] },
      { type: 'float32', shape: [1, batch, width] },
    ],
    { hidden_size: width },
  );
  return lastState as Value;
}

/** [inputs, 4 x width] -> [1, 4 x width, inputs], the layout of ONNX's W and R. */
function stacked(weights: Value): Value {
  return unsqueeze(transpose(weights, [1, 0]), [0]);
}
