import type { Random } from '#domain';
import { createOptimiser, type Optimiser, type StepRate } from './optimiser.js';
import { arraysOf, type NamedArrays } from './named-arrays.js';
import type { LstmRecipe } from './recipe.js';

/** Small, so that the first updates turn a normalised row quickly. */
const INITIAL_DEVIATION = 0.05;

/**
 * The items' embeddings and biases. They live outside the training graph: a step gets the rows that it needs, and only
 * those rows are updated, so that a step costs the same however many items there are.
 */
export class ItemTable {
  /** [itemCount + 1, dimensions]; row 0 is padding and stays zero. */
  readonly embeddings: Float32Array;
  /** [itemCount + 1] */
  readonly biases: Float32Array;
  readonly dimensions: number;
  private readonly embeddingOptimiser: Optimiser;
  private readonly biasOptimiser: Optimiser;
  /** Where an item's gradient of the present step is summed: its candidate column, or -2 - (its row in `others`); -1: none. */
  private readonly placeOf: Int32Array;
  private others = new Float32Array(0);

  constructor(
    readonly itemCount: number,
    recipe: LstmRecipe,
    random: Random,
  ) {
    this.dimensions = recipe.dimensions;
    this.embeddings = new Float32Array((itemCount + 1) * this.dimensions);
    for (let i = this.dimensions; i < this.embeddings.length; i++)
      this.embeddings[i] = INITIAL_DEVIATION * random.normal();
    this.biases = new Float32Array(itemCount + 1);
    this.embeddingOptimiser = createOptimiser(recipe.optimiser, this.embeddings);
    this.biasOptimiser = createOptimiser(recipe.optimiser, this.biases);
    this.placeOf = new Int32Array(itemCount + 1).fill(-1);
  }

  /** Everything that training changes, by name. */
  arrays(): NamedArrays {
    return new Map([
      ...arraysOf('embeddings', this.embeddings, this.embeddingOptimiser),
      ...arraysOf('biases', this.biases, this.biasOptimiser),
    ]);
  }

  /**
   * Updates the rows of a step's candidates and inputs; an item that is both, or several inputs, is updated once, with
   * the sum of its gradients.
   * @param candidates [n] items, each once, with their gradients [n, dimensions], which this may change
   * @param inputs [m] items, 0 for padding, with their gradients [m, dimensions]
   */
  update(
    rate: StepRate,
    candidates: { readonly items: Int32Array; readonly gradients: Float32Array },
    inputs: { readonly items: Int32Array; readonly gradients: Float32Array },
  ): void {
    const { placeOf, dimensions, embeddingOptimiser } = this;
    if (this.others.length < inputs.gradients.length) this.others = new Float32Array(inputs.gradients.length);
    const others = this.others;
    const otherItems: number[] = [];
    for (let i = 0; i < candidates.items.length; i++) placeOf[candidates.items[i] as number] = i;
    for (let i = 0; i < inputs.items.length; i++) {
      const item = inputs.items[i] as number;
      if (item === 0) continue;
      if (placeOf[item] === -1) {
        placeOf[item] = -2 - otherItems.length;
        others.fill(0, otherItems.length * dimensions, (otherItems.length + 1) * dimensions);
        otherItems.push(item);
      }
      const place = placeOf[item] as number;
      const sums = place >= 0 ? candidates.gradients : others;
      const to = (place >= 0 ? place : -2 - place) * dimensions;
      for (let j = 0, from = i * dimensions; j < dimensions; j++)
        sums[to + j] = (sums[to + j] as number) + (inputs.gradients[from + j] as number);
    }
    embeddingOptimiser.beginStep(rate);
    for (let i = 0; i < candidates.items.length; i++) {
      const item = candidates.items[i] as number;
      embeddingOptimiser.update(item * dimensions, candidates.gradients, i * dimensions, dimensions);
      placeOf[item] = -1;
    }
    otherItems.forEach((item, i) => {
      embeddingOptimiser.update(item * dimensions, others, i * dimensions, dimensions);
      placeOf[item] = -1;
    });
  }

  /** Updates the candidates' biases with their gradients [n]. */
  updateBiases(rate: StepRate, items: Int32Array, gradients: Float32Array): void {
    this.biasOptimiser.beginStep(rate);
    for (let i = 0; i < items.length; i++) this.biasOptimiser.update(items[i] as number, gradients, i, 1);
  }
}
