import {
  Graph,
  add,
  addToElements,
  cast,
  concat,
  cumulativeSum,
  divide,
  eightBitConstant,
  eightBitProduct,
  exp,
  gatherElements as at,
  gatherRows,
  matMul,
  maximum,
  minimum,
  multiply,
  multiplyElements,
  readConstants,
  reduceSum,
  replaceElements,
  scale,
  serialise,
  softmax,
  squeeze,
  subtract,
  topK,
  transpose,
  unsqueeze,
  type EightBitMatrix,
  type Value,
} from '#graph';
import { lstmFused } from './lstm-layer.js';
import { lstmWeights, readoutWeights, stateForScore, type WeightValues } from './network.js';
import type { LstmModel } from './parameters.js';
import type { LstmRecipe } from './recipe.js';
import { attentionAtNewest } from './readout.js';

/** Far below any score, but finite. */
const NEVER = -1e9;
/** Keeps what is 0 from being divided by. */
const TINY = 1e-30;
/** All digits never change a score of 8 bits by as much. */
const MANIFOLD = 1e6;
/**
 * So many items more than asked for are scored with all digits. With 8 bits a score is out by some percent, far less than what lies
 * between the last that is asked for and the last of these.
 */
const MORE_CANDIDATES = 40;

/** The names of the weights in the file, for {@link importServingModel}. */
const [ITEM_ROWS, ITEM_LENGTHS, ITEM_BIASES] = ['items/rows', 'items/lengths', 'items/biases'];
const WEIGHT_PREFIX = 'weights/';

/**
 * The network as an ONNX file for serving: sessions in, the best items out, all in one graph, so that nothing is chosen
 * before everything that is known of an item has been taken into account.
 *
 * The probability of an item is in proportion to (network + suggestion) x item factor x boost, over the whole catalogue. What the
 * network says is computed for the whole catalogue from 8-bit weights, a quarter of the memory that has to be read; then, with all
 * digits, for the items that may be among the best. So ids and `network` are exact but for the sum over the other items.
 *
 * Inputs: `items` int64 [batch, length], oldest first, 0 padding on the right, at most `recipe.maximumLength` long;
 * `lengths` int64 [batch], from 1; `suggested` int64 [batch, suggestions], items padded with 0, and `suggestions` float32 of
 * the same shape, what is added to their probabilities; `boosted` int64 [batch, boosts], each item once, padded with 0, and
 * `boosts` float32 of the same shape, what theirs are multiplied with (1 where padded); `excluded` int64 [batch, width],
 * items that may not come out, padded with 0; `count` int64 [1], from 1 to the number of items.
 * Outputs, best first: `ids` int64 [batch, k]; `scores` float32 [batch, k], the probability that the item is next;
 * `network` float32 [batch, k], what the network alone says. Excluded items come last, with score 0.
 * @param itemFactors [itemCount + 1], above 0
 */
export function exportServingModel(model: LstmModel, itemFactors: Float32Array): Uint8Array {
  const graph = new Graph();
  const items = graph.input('items', 'int64', ['batch', 'length']);
  const lengths = graph.input('lengths', 'int64', ['batch']);
  const suggested = graph.input('suggested', 'int64', ['batch', 'suggestions']);
  const suggestions = graph.input('suggestions', 'float32', ['batch', 'suggestions']);
  const boosted = graph.input('boosted', 'int64', ['batch', 'boosts']);
  const boosts = graph.input('boosts', 'float32', ['batch', 'boosts']);
  const excluded = graph.input('excluded', 'int64', ['batch', 'width']);
  const count = graph.input('count', 'int64', [1]);
  const table = itemTable(graph, model);
  const state = newestState(model, items, lengths, table); // [batch, dimensions]

  const logits = add(eightBitProduct(state, table.eightBit), table.biases);
  const network = softmax(logits);
  const mixed = addToElements(network, suggested, suggestions);
  const factors = graph.constant(itemFactors, [1, model.itemCount + 1]);
  const weighed = multiplyElements(multiply(mixed, factors), boosted, boosts);
  const one = graph.constant(BigInt64Array.of(1n), []);
  // Excluded items score -1, below every other; padding scores -2 and so can never come out.
  const never = concat([excluded, subtract(unsqueeze(lengths, [1]), unsqueeze(lengths, [1]))], 1);
  const below = cast(subtract(minimum(never, one), add(one, one)), 'float32');
  const allowed = replaceElements(weighed, never, below);
  const more = graph.constant(BigInt64Array.of(BigInt(MORE_CANDIDATES)), [1]);
  const most = graph.constant(BigInt64Array.of(BigInt(model.itemCount + 1)), [1]);
  const [, candidates] = topK(allowed, minimum(add(count, more), most), 'candidates');

  const exact = exactlyFor(candidates, exactLogits(state, candidates, table), { logits, network, mixed, weighed });
  // Far above the score of what is allowed, and as far below 0 for the others.
  const ceiling = scale(at(allowed, candidates), MANIFOLD);
  const [best, places] = topK(minimum(exact.weighed, ceiling), count, 'k');
  graph.output('ids', at(candidates, places));
  // Divided after the choice: over all items it would take longer than the choice itself.
  graph.output('scores', divide(maximum(best, graph.scalar(0)), exact.sum));
  graph.output('network', at(exact.network, places));
  return serialise(graph);
}

/**
 * The network in a file that {@link exportServingModel} wrote, to go on training it. It differs from the one that was exported by
 * rounding, where the score is a cosine.
 * @param recipe that it was trained with
 * @returns null for a file whose weights have no names, as those of earlier versions of this program
 */
export function importServingModel(file: Uint8Array, recipe: LstmRecipe): LstmModel | null {
  const constants = readConstants(file);
  const [rows, lengths, biases] = [ITEM_ROWS, ITEM_LENGTHS, ITEM_BIASES].map((name) => constants.get(name)?.data);
  if (!rows || !lengths || !biases) return null;
  const { dimensions } = recipe;
  biases[0] = 0;
  return {
    recipe,
    itemCount: lengths.length - 1,
    itemEmbeddings: rows.map((x, i) => x * (lengths[Math.floor(i / dimensions)] as number)),
    itemBiases: biases,
    parameters: new Map(
      [...constants].flatMap(([name, weight]) =>
        name.startsWith(WEIGHT_PREFIX) ? [[name.slice(WEIGHT_PREFIX.length), weight] as const] : [],
      ),
    ),
  };
}

/** [batch, dimensions] after the newest item of each session, ready to be multiplied with items. */
function newestState(model: LstmModel, items: Value, lengths: Value, table: ItemConstants): Value {
  const { graph } = items;
  const weights: WeightValues = new Map(
    [...model.parameters].map(([name, { shape, data }]) => [name, graph.constant(data, shape, WEIGHT_PREFIX + name)]),
  );
  const embedded = multiply(gatherRows(table.rows, items), gatherRows(table.lengths, items));
  return stateForScore(model.recipe, newestReadout(model, items, lengths, embedded, weights));
}

/** What 8 bits say of every item, each [batch, items + 1]. */
interface Estimates {
  readonly logits: Value;
  readonly network: Value;
  /** With the suggestions. */
  readonly mixed: Value;
  /** With factors and boosts, too. */
  readonly weighed: Value;
}

/**
 * What all digits say of some items, each [batch, n], and of the `sum` [batch, 1] of what all items weigh.
 * @param candidates int64 [batch, n]
 * @param exact their logits
 */
function exactlyFor(
  candidates: Value,
  exact: Value,
  estimates: Estimates,
): { readonly network: Value; readonly weighed: Value; readonly sum: Value } {
  const { graph } = candidates;
  const estimated = (values: Value): Value => at(values, candidates);
  const network = estimated(estimates.network);
  const mixed = estimated(estimates.mixed);
  const weighed = estimated(estimates.weighed);
  const ratio = exp(subtract(exact, estimated(estimates.logits)));
  const change = multiply(network, subtract(ratio, graph.scalar(1)));
  const exactNetwork = divide(add(network, change), add(reduceSum(change, [-1]), graph.scalar(1)));
  const exactMixed = add(mixed, subtract(exactNetwork, network));
  const exactWeighed = multiply(exactMixed, divide(weighed, maximum(mixed, graph.scalar(TINY))));
  const sum = add(reduceSum(estimates.weighed, [-1]), reduceSum(subtract(exactWeighed, weighed), [-1]));
  return { network: exactNetwork, weighed: exactWeighed, sum };
}

/**
 * [batch, n]: the scores of some items in each session.
 * @param state [batch, dimensions]
 * @param candidates [batch, n] int64
 */
function exactLogits(state: Value, candidates: Value, { rows, biases }: ItemConstants): Value {
  const products = matMul(gatherRows(rows, candidates), unsqueeze(state, [2])); // [batch, n, 1]
  return add(squeeze(products, [2]), squeeze(gatherRows(transpose(biases, [1, 0]), candidates), [2]));
}

/**
 * [batch, dimensions] of the newest item of each session.
 * @param embedded [batch, length, dimensions]
 */
function newestReadout(
  { recipe }: LstmModel,
  items: Value,
  lengths: Value,
  embedded: Value,
  weights: WeightValues,
): Value {
  const { graph } = items;
  const state = squeeze(lstmFused(transpose(embedded, [1, 0, 2]), cast(lengths, 'int32'), lstmWeights(weights)), [0]);
  if (recipe.readout === 'none') return state;
  const one = graph.constant(BigInt64Array.of(1n), []);
  const zero = graph.constant(BigInt64Array.of(0n), []);
  const present = minimum(items, one); // [batch, length]
  const position = cumulativeSum(present); // from 1
  const distances = multiply(maximum(subtract(unsqueeze(lengths, [1]), position), zero), present);
  return attentionAtNewest(state, embedded, distances, cast(present, 'float32'), readoutWeights(weights));
}

interface ItemConstants {
  /** [items + 1, dimensions], as the score needs them; row 0, padding, is zero. */
  readonly rows: Value;
  /** [items + 1, 1]: what a row is multiplied with to be the embedding again. */
  readonly lengths: Value;
  /** `rows`, transposed. */
  readonly eightBit: EightBitMatrix;
  /** [1, items + 1]; padding can never come out. */
  readonly biases: Value;
}

/** One table serves as input and as output: for a cosine, rows of length 1 beside their lengths. */
function itemTable(graph: Graph, { recipe, itemCount, itemEmbeddings, itemBiases }: LstmModel): ItemConstants {
  const { dimensions } = recipe;
  const rows = Float32Array.from(itemEmbeddings);
  const lengths = new Float32Array(itemCount + 1).fill(1);
  if (recipe.score === 'cosine')
    for (let item = 1; item <= itemCount; item++) {
      const row = rows.subarray(item * dimensions, (item + 1) * dimensions);
      const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)) || 1;
      lengths[item] = length;
      row.forEach((x, i) => (row[i] = x / length));
    }
  const biases = Float32Array.from(itemBiases);
  biases[0] = NEVER;
  return {
    rows: graph.constant(rows, [itemCount + 1, dimensions], ITEM_ROWS),
    lengths: graph.constant(lengths, [itemCount + 1, 1], ITEM_LENGTHS),
    eightBit: eightBitConstant(graph, rows, dimensions),
    biases: graph.constant(biases, [1, itemCount + 1], ITEM_BIASES),
  };
}
