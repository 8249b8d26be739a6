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
  gatherElements,
  gatherRows,
  matMul,
  maximum,
  minimum,
  multiply,
  multiplyElements,
  readConstants,
  reduceMax,
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
/** All digits never change a score of 8 bits by as much. */
const MANIFOLD = 1e6;
/** A catalogue from so many items is scored with 8 bits first. Below it, the processor's cache holds all weights, and it is not worth it. */
const LARGE_CATALOGUE = 5_000;
/**
 * So many items more than asked for are then scored with all digits. With 8 bits a score is out by some percent, far less than what lies
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
 * The probability of an item is in proportion to (network + suggestion) x item factor x boost, over the whole catalogue. In a large
 * catalogue ({@link LARGE_CATALOGUE}) what the network says comes from 8-bit weights, a quarter of the memory that has to be read, and
 * then, with all digits, for the items that may be among the best: the answer is the same, but for the sum over all items that
 * probabilities are divided by, which is out by some percent.
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

  const one = graph.constant(BigInt64Array.of(1n), []);
  // Excluded items score -1, below every other; padding scores -2 and so can never come out.
  const never = concat([excluded, subtract(unsqueeze(lengths, [1]), unsqueeze(lengths, [1]))], 1);
  const below = cast(subtract(minimum(never, one), add(one, one)), 'float32');
  const factors = graph.constant(itemFactors, [1, model.itemCount + 1]);
  const wishes = { suggested, suggestions, factors, boosted, boosts, never, below, count };
  const { ids, scores, network } = table.eightBit
    ? bestOfMany(state, table, eightBitProduct(state, table.eightBit), model.recipe, wishes)
    : bestOfFew(state, table, wishes);
  graph.output('ids', ids);
  graph.output('scores', scores);
  graph.output('network', network);
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

/** What is to come out beside what the network says. */
interface Wishes {
  readonly suggested: Value;
  readonly suggestions: Value;
  /** [1, items + 1] */
  readonly factors: Value;
  readonly boosted: Value;
  readonly boosts: Value;
  /** [batch, n]: what may not come out, padding too. */
  readonly never: Value;
  /** What `never` weighs instead, below 0. */
  readonly below: Value;
  readonly count: Value;
}

/** Best first, each [batch, k]; see {@link exportServingModel}. */
interface Best {
  readonly ids: Value;
  readonly scores: Value;
  readonly network: Value;
}

/** With all digits, over the whole catalogue. */
function bestOfFew(state: Value, { rows, biases }: ItemConstants, wishes: Wishes): Best {
  const { suggested, suggestions, factors, boosted, boosts, never, below, count } = wishes;
  const network = softmax(matMul(state, rows, { transposeB: true, plus: biases })); // [batch, items + 1]
  const mixed = addToElements(network, suggested, suggestions);
  const weighed = multiplyElements(multiply(mixed, factors), boosted, boosts);
  const [weights, ids] = topK(replaceElements(weighed, never, below), count, 'k');
  // Divided after the choice: over all items it would take longer than the choice itself.
  return { ids, scores: shares(weights, reduceSum(weighed, [-1])), network: gatherElements(network, ids) };
}

/**
 * The best by 8 bits, and some more, by all digits. What an item weighs does not depend on which others are scored.
 *
 * What takes time, once the product is cheap, is to go through [batch, items + 1]. So weights are not divided by their sum before the end,
 * and each list is made from the one before in its own memory: onnxruntime does so where nobody needs that one later, which is why what
 * is put into a list is made from what was read of it.
 * @param products [batch, items + 1]: state by items, of 8 bits
 */
function bestOfMany(
  state: Value,
  table: ItemConstants,
  products: Value,
  { score, itemBias }: LstmRecipe,
  wishes: Wishes,
): Best {
  const { graph } = state;
  const { suggested, suggestions, factors, boosted, boosts, never, below, count } = wishes;
  // Without biases padding is as likely as an item that has nothing to do with the session.
  const logits = itemBias ? add(products, table.biases) : products;
  // A cosine times the temperature needs no shift for its exponential to be finite.
  const shift = score === 'cosine' ? graph.scalar(0) : reduceMax(logits);
  const odds = exp(score === 'cosine' ? logits : subtract(logits, shift));
  const total = reduceSum(odds, [-1]); // [batch, 1]
  const weighed = multiply(addToElements(odds, suggested, multiply(suggestions, total)), factors);
  const gains = subtract(boosts, graph.scalar(1));
  const boostedWeights = addToElements(weighed, boosted, multiply(gatherElements(weighed, boosted), gains));
  const sum = reduceSum(boostedWeights, [-1]);
  const allowed = replaceElements(boostedWeights, never, multiply(below, sum));

  const more = graph.constant(BigInt64Array.of(BigInt(MORE_CANDIDATES)), [1]);
  const [estimates, candidates] = topK(allowed, minimum(add(count, more), table.count), 'candidates');
  const before = exp(subtract(gatherElements(logits, candidates), shift));
  const after = exp(subtract(exactLogits(state, candidates, table), shift));
  const factor = multiply(entriesOf(factors, candidates), boostsOf(candidates, boosted, gains));
  const exact = add(estimates, multiply(subtract(after, before), factor));
  // Far above what the 8 bits say of what is allowed, and as far below 0 for the others.
  const [weights, places] = topK(minimum(exact, scale(estimates, MANIFOLD)), count, 'k');
  return {
    ids: gatherElements(candidates, places),
    scores: shares(weights, sum),
    network: divide(gatherElements(after, places), total),
  };
}

/** What is excluded has none. */
function shares(weights: Value, sum: Value): Value {
  return divide(maximum(weights, weights.graph.scalar(0)), sum);
}

/**
 * [batch, n]: the scores of some items in each session.
 * @param state [batch, dimensions]
 * @param candidates [batch, n] int64
 */
function exactLogits(state: Value, candidates: Value, { rows, biases }: ItemConstants): Value {
  const products = matMul(gatherRows(rows, candidates), unsqueeze(state, [2])); // [batch, n, 1]
  return add(squeeze(products, [2]), entriesOf(biases, candidates));
}

/** [batch, n]: what a list [1, items + 1] has for some items. */
function entriesOf(list: Value, candidates: Value): Value {
  return squeeze(gatherRows(transpose(list, [1, 0]), candidates), [2]);
}

/** [batch, n]: what each candidate is boosted with, 1 where it is not. `gains`: what the boosts are more than 1. */
function boostsOf(candidates: Value, boosted: Value, gains: Value): Value {
  const { graph } = candidates;
  const difference = subtract(unsqueeze(candidates, [2]), unsqueeze(boosted, [1])); // [batch, n, boosts]
  const one = graph.constant(BigInt64Array.of(1n), []);
  const isOther = cast(minimum(multiply(difference, difference), one), 'float32');
  const own = multiply(subtract(graph.scalar(1), isOther), unsqueeze(gains, [1]));
  return add(squeeze(reduceSum(own, [-1]), [2]), graph.scalar(1));
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
  /** `rows`, transposed; null where the catalogue is not large. */
  readonly eightBit: EightBitMatrix | null;
  /** [1, items + 1]; padding can never come out. */
  readonly biases: Value;
  /** int64 [1]: items + 1 */
  readonly count: Value;
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
    eightBit: itemCount < LARGE_CATALOGUE ? null : eightBitConstant(graph, rows, dimensions),
    biases: graph.constant(biases, [1, itemCount + 1], ITEM_BIASES),
    count: graph.constant(BigInt64Array.of(BigInt(itemCount + 1)), [1]),
  };
}
