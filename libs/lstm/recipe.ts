import { InvalidInputError } from '#domain';

const CHOICES = {
  readout: ['attention', 'none'],
  score: ['cosine', 'dot'],
  optimiser: ['adam', 'adagrad'],
  schedule: ['cosine', 'constant'],
} as const;

/** Everything that decides how a network is built and trained. */
export interface LstmRecipe {
  /** Width of the item embeddings and of the LSTM state. */
  readonly dimensions: number;
  /** The network looks at this many newest items of a session; longer sessions are trained in pieces. */
  readonly maximumLength: number;
  /** `attention`: the LSTM state mixed with an attention over the session's items. `none`: the state alone. */
  readonly readout: (typeof CHOICES.readout)[number];
  /** `cosine`: normalised state times normalised item times `temperature`. `dot`: the plain product. */
  readonly score: (typeof CHOICES.score)[number];
  readonly temperature: number;
  /** Whether each item has a learned bias beside its score. */
  readonly itemBias: boolean;
  /** Items that each step's loss is taken over, the batch's targets included; `all`: the whole catalogue. */
  readonly candidates: number | 'all';
  /** Negatives are drawn in proportion to support to this power. */
  readonly negativeExponent: number;
  /** Share of the inputs, and of the readout, that is dropped while training; from 0 to below 1. */
  readonly inputDropout: number;
  readonly readoutDropout: number;
  readonly epochs: number;
  /** Next items to predict in one step, about. */
  readonly targetsPerBatch: number;
  readonly optimiser: (typeof CHOICES.optimiser)[number];
  readonly learningRate: number;
  /** How the learning rate falls: to nothing along half a cosine, or not at all. */
  readonly schedule: (typeof CHOICES.schedule)[number];
  /** The longest allowed gradient of the network's own weights (Euclidean length). */
  readonly clipNorm: number;
}

/** Chosen on the last days of two public training files; see docs/quality.md. */
export const defaultRecipe: LstmRecipe = {
  dimensions: 128,
  maximumLength: 20,
  readout: 'attention',
  score: 'cosine',
  temperature: 14,
  itemBias: false,
  candidates: 16_384,
  negativeExponent: 0.75,
  inputDropout: 0.3,
  readoutDropout: 0.3,
  epochs: 10,
  targetsPerBatch: 2000,
  optimiser: 'adam',
  learningRate: 0.004,
  schedule: 'cosine',
  clipNorm: 1,
};

/**
 * The default recipe with some fields changed.
 * @throws InvalidInputError that names the first field out of its range
 */
export function completeRecipe(changes: Partial<LstmRecipe> = {}): LstmRecipe {
  const recipe = { ...defaultRecipe, ...changes };
  const whole = (field: 'dimensions' | 'maximumLength' | 'epochs' | 'targetsPerBatch'): void => {
    if (!Number.isInteger(recipe[field]) || recipe[field] < 1) refuse(field, 'a whole number from 1', recipe[field]);
  };
  (['dimensions', 'maximumLength', 'epochs', 'targetsPerBatch'] as const).forEach(whole);
  for (const field of ['inputDropout', 'readoutDropout'] as const)
    if (!(recipe[field] >= 0 && recipe[field] < 1)) refuse(field, 'from 0 to below 1', recipe[field]);
  for (const field of ['temperature', 'learningRate', 'clipNorm'] as const)
    if (!(recipe[field] > 0)) refuse(field, 'a number above 0', recipe[field]);
  for (const [field, allowed] of Object.entries(CHOICES) as [keyof typeof CHOICES, readonly string[]][])
    if (!allowed.includes(recipe[field]))
      refuse(field, allowed.map((choice) => `"${choice}"`).join(' or '), recipe[field]);
  if (recipe.candidates !== 'all' && !(recipe.candidates > recipe.targetsPerBatch))
    refuse('candidates', `"all" or more than targetsPerBatch (${String(recipe.targetsPerBatch)})`, recipe.candidates);
  return recipe;
}

function refuse(field: keyof LstmRecipe, right: string, given: number | string): never {
  throw new InvalidInputError('recipe_invalid', `recipe: ${field} must be ${right}, not ${String(given)}`, { field });
}
