import {
  add,
  cast,
  concat,
  gatherRows,
  matMul,
  minimum,
  multiply,
  reshape,
  scale,
  softmax,
  squeeze,
  subtract,
  transpose,
  unsqueeze,
  dimensionAt,
  type Value,
} from '#graph';
import { uniformFor, type ParameterDefinition } from './parameters.js';

export interface ReadoutWeights {
  /** [width, dimensions] */
  readonly query: Value;
  /** [maximumLength, 1]: by how many steps before the newest an item lies. */
  readonly distanceBias: Value;
  /** [width + 2 x dimensions, dimensions] */
  readonly combine: Value;
}

/** Far below any score, but finite, so that a softmax over it stays a number. */
const OUT_OF_SIGHT = -1e9;

/**
 * The weights of the attention readout for an LSTM of that width over items of that many dimensions. It starts as the
 * attended items plus a little of everything: they lie where the answers lie, the LSTM's state not yet.
 */
export function readoutParameters(width: number, dimensions: number, maximumLength: number): ParameterDefinition[] {
  const small = uniformFor(width + 2 * dimensions);
  return [
    { name: 'query', shape: [width, dimensions], initial: uniformFor(width) },
    { name: 'distanceBias', shape: [maximumLength, 1], initial: () => 0 },
    {
      name: 'combine',
      shape: [width + 2 * dimensions, dimensions],
      initial: (random, index) => small(random) + (isDiagonal(index - width * dimensions, dimensions) ? 1 : 0),
    },
  ];
}

/** Whether an element of a row-major matrix is on the diagonal of its first square. */
function isDiagonal(index: number, columns: number): boolean {
  return index >= 0 && index < columns * columns && index % (columns + 1) === 0;
}

/**
 * At every step, the LSTM state asks the session's items so far (scaled dot-product attention, Vaswani et al. 2017,
 * with a learned bias by distance); state, attended items and newest item are mixed linearly.
 * @param states [steps x batch, width], step by step
 * @param items [steps x batch, dimensions], step by step
 * @returns [steps x batch, dimensions]
 */
export function attentionAtEveryStep(
  states: Value,
  items: Value,
  steps: number,
  batch: number,
  weights: ReadoutWeights,
): Value {
  const { graph } = states;
  const dimensions = Number(dimensionAt(items.shape, 1));
  const perSession = (value: Value): Value => transpose(reshape(value, [steps, batch, dimensions]), [1, 0, 2]);
  const queries = perSession(matMul(states, weights.query)); // [batch, steps, dimensions]
  const keys = perSession(items);
  const distances = Int32Array.from({ length: steps * steps }, (_, i) =>
    Math.max(0, Math.floor(i / steps) - (i % steps)),
  );
  const future = Float32Array.from({ length: steps * steps }, (_, i) =>
    i % steps > Math.floor(i / steps) ? OUT_OF_SIGHT : 0,
  );
  const bias = squeeze(gatherRows(weights.distanceBias, graph.constant(distances, [steps, steps])), [2]);
  const scores = scale(matMul(queries, keys, { transposeB: true }), 1 / Math.sqrt(dimensions)); // [batch, steps, steps]
  const attention = softmax(add(scores, add(bias, graph.constant(future, [steps, steps]))));
  const attended = reshape(transpose(matMul(attention, keys), [1, 0, 2]), [steps * batch, dimensions]);
  return matMul(concat([states, attended, items], 1), weights.combine);
}

/**
 * The same for the newest step alone, for serving.
 * @param state [batch, width] after the newest item
 * @param items [batch, length, dimensions], padded on the right
 * @param distances int64 [batch, length]: steps before the newest, 0 where padded
 * @param present float [batch, length]: 1 for an item, 0 for padding
 * @returns [batch, dimensions]
 */
export function attentionAtNewest(
  state: Value,
  items: Value,
  distances: Value,
  present: Value,
  weights: ReadoutWeights,
): Value {
  const { graph } = state;
  const dimensions = Number(dimensionAt(items.shape, 2));
  const query = unsqueeze(matMul(state, weights.query), [1]); // [batch, 1, dimensions]
  const bias = squeeze(gatherRows(weights.distanceBias, distances), [2]); // [batch, length]
  const absent = subtract(graph.scalar(1), present);
  const scores = scale(matMul(query, items, { transposeB: true }), 1 / Math.sqrt(dimensions)); // [batch, 1, length]
  const attention = softmax(add(scores, unsqueeze(add(bias, scale(absent, OUT_OF_SIGHT)), [1])));
  const attended = squeeze(matMul(attention, items), [1]);
  const newest = squeeze(matMul(unsqueeze(isNewest(distances, present), [1]), items), [1]);
  return matMul(concat([state, attended, newest], 1), weights.combine);
}

/** 1 where the distance is 0 and an item is present, else 0: float [batch, length]. */
function isNewest(distances: Value, present: Value): Value {
  const { graph } = distances;
  const one = graph.constant(BigInt64Array.of(1n), []);
  const older = cast(minimum(distances, one), 'float32');
  return multiply(present, subtract(graph.scalar(1), older));
}
