import { add, divide, multiply, reduceSum, scale, squareRoot, subtract, type Graph, type Value } from '#graph';
import { lstmParameters, lstmUnrolled, type LstmWeights } from './lstm-layer.js';
import type { ParameterDefinition } from './parameters.js';
import type { LstmRecipe } from './recipe.js';
import { attentionAtEveryStep, readoutParameters, type ReadoutWeights } from './readout.js';

/** The weights of a recipe's network. */
export function networkParameters(recipe: LstmRecipe): ParameterDefinition[] {
  const width = recipe.dimensions;
  return [
    ...lstmParameters(width, width),
    ...(recipe.readout === 'attention' ? readoutParameters(width, width, recipe.maximumLength) : []),
  ];
}

/** Weights as values of a graph, by name. */
export type WeightValues = ReadonlyMap<string, Value>;

export function lstmWeights(values: WeightValues): LstmWeights {
  return {
    inputWeights: weight(values, 'inputWeights'),
    recurrentWeights: weight(values, 'recurrentWeights'),
    gateBias: weight(values, 'gateBias'),
  };
}

export function readoutWeights(values: WeightValues): ReadoutWeights {
  return {
    query: weight(values, 'query'),
    distanceBias: weight(values, 'distanceBias'),
    combine: weight(values, 'combine'),
  };
}

function weight(values: WeightValues, name: string): Value {
  const value = values.get(name);
  if (!value) throw new Error(`the network has no weight "${name}"`);
  return value;
}

/**
 * What the network says after every step.
 * @param items [steps x batch, dimensions] embeddings of the sessions' items, step by step
 * @param masks [steps x batch, dimensions] each: 0 where dropped, else 1 / (1 - dropout)
 * @returns [steps x batch, dimensions], ready to be multiplied with items as `itemsForScore` gives them
 */
export function statesAtEveryStep(
  recipe: LstmRecipe,
  items: Value,
  masks: { readonly input: Value; readonly readout: Value },
  steps: number,
  batch: number,
  values: WeightValues,
): Value {
  const inputs = multiply(items, masks.input);
  const states = lstmUnrolled(inputs, steps, batch, lstmWeights(values));
  const readout =
    recipe.readout === 'attention'
      ? attentionAtEveryStep(states, inputs, steps, batch, readoutWeights(values))
      : states;
  return stateForScore(recipe, multiply(readout, masks.readout));
}

/** A readout [rows, dimensions] as the left side of the score: normalised and times the temperature where it is a cosine. */
export function stateForScore(recipe: LstmRecipe, readout: Value): Value {
  return recipe.score === 'cosine' ? scale(normaliseRows(readout), recipe.temperature) : readout;
}

/** Item embeddings [rows, dimensions] as the right side of the score. */
export function itemsForScore(recipe: LstmRecipe, embeddings: Value): Value {
  return recipe.score === 'cosine' ? normaliseRows(embeddings) : embeddings;
}

/** Keeps the length of a row of zeros from being divided by. */
const TINY = 1e-12;

/**
 * Each row divided by its Euclidean length. One operation with its own derivative: with y = x / |x|, the gradient of x is
 * (g - y (y . g)) / |x|.
 */
export function normaliseRows(rows: Value): Value {
  const graph: Graph = rows.graph;
  const { lengths, normalised } = graph.withoutTape(() => {
    const squares = reduceSum(multiply(rows, rows), [-1]);
    const rowLengths = squareRoot(add(squares, graph.scalar(TINY)));
    return { lengths: rowLengths, normalised: divide(rows, rowLengths) };
  });
  graph.differentiateBy([rows], [normalised], ([gradient]) =>
    gradient
      ? [divide(subtract(gradient, multiply(normalised, reduceSum(multiply(normalised, gradient), [-1]))), lengths)]
      : [],
  );
  return normalised;
}
