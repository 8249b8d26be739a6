import type { Random } from '#domain';
import type { LstmRecipe } from './recipe.js';

/** Weights of the network itself, by name; item embeddings are kept apart. */
interface Parameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Parameters = ReadonlyMap<string, Parameter>;

/** A weight before training: its shape, and the number at each place. */
export interface ParameterDefinition {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: (random: Random, index: number) => number;
}

/** Uniform over plus and minus 1 / sqrt(width), as is usual for an LSTM of that width. */
export const uniformFor =
  (width: number) =>
  (random: Random): number =>
    (2 * random.uniform() - 1) / Math.sqrt(width);

/** New weights. */
export function initialise(definitions: readonly ParameterDefinition[], random: Random): Parameters {
  return new Map(
    definitions.map(({ name, shape, initial }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, (_, index) => initial(random, index)) }];
    }),
  );
}

/** A trained network: what serving needs, and nothing of the training. */
export interface LstmModel {
  readonly recipe: LstmRecipe;
  readonly itemCount: number;
  /** [itemCount + 1, dimensions]; row 0 is padding and stays zero. */
  readonly itemEmbeddings: Float32Array;
  /** [itemCount + 1]; zeros unless the recipe has `itemBias`. */
  readonly itemBiases: Float32Array;
  readonly parameters: Parameters;
}
