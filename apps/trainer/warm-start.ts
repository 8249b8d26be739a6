import { DomainError } from '#domain';
import type { ItemCategories } from '#evaluation';
import { completeRecipe, importServingModel, renumberItems, type LstmModel, type LstmRecipe } from '#lstm';
import { completeNeighbourSettings, type NeighbourSettings } from '#neighbours';
import { decodeVocabulary, MODEL_FILE, VOCABULARY_FILE, type Manifest, type ModelRegistry } from '#registry';

/** What a run begins from: the model in service. */
export interface WarmStart {
  readonly version: string;
  /** With the items of the run. */
  readonly network: LstmModel;
  readonly neighbours: NeighbourSettings;
  /** What is changed in the recipe: less is left to learn. */
  readonly recipe: Partial<LstmRecipe>;
  /** Items that the model in service does not know. */
  readonly newItems: number;
}

/** Why a run begins from nothing: a sentence. */
export interface ColdStart {
  readonly why: string;
}

/** The fields of a recipe that have to be the same for a network to go on from another's weights. */
const SHAPE = ['dimensions', 'maximumLength', 'readout', 'score', 'temperature', 'itemBias'] as const;
/** Shares of what a training from nothing takes. */
const WARM = { epochs: 0.3, learningRate: 0.25 } as const;
/** With fewer of its items known, the model in service says little of them. */
const LEAST_KNOWN = 0.5;

/**
 * What a run can begin from, if the model in service is whole and of the same shape.
 * @param itemIds of the run: the item with index i is at place i - 1
 */
export async function warmStartOf(
  registry: Pick<ModelRegistry, 'load'>,
  { store, version, recipe: theirs }: Pick<Manifest, 'store' | 'version' | 'recipe'>,
  recipe: LstmRecipe,
  itemIds: readonly string[],
  categories: ItemCategories | undefined,
): Promise<WarmStart | ColdStart> {
  const learnt = recipeOf(theirs);
  const other = SHAPE.find((field) => learnt[field] !== recipe[field]);
  if (other) return { why: `Model ${version} in service has another ${other}.` };
  try {
    const { files } = await registry.load(store, version);
    const network = importServingModel(files.get(MODEL_FILE) as Uint8Array, learnt);
    if (!network) return { why: `Model ${version} in service is of an earlier version of this program.` };
    const known = await decodeVocabulary(files.get(VOCABULARY_FILE) as Uint8Array);
    const indexOf = new Map(known.map((itemId, place) => [itemId, place + 1]));
    const rows = Int32Array.from([0, ...itemIds.map((itemId) => indexOf.get(itemId) ?? 0)]);
    const newItems = rows.filter((row) => row === 0).length - 1;
    if (newItems > (1 - LEAST_KNOWN) * itemIds.length)
      return { why: `Model ${version} in service does not know ${newItems} of the ${itemIds.length} items.` };
    const neighbours = completeNeighbourSettings(theirs.neighbours as Partial<NeighbourSettings> | undefined);
    return {
      version,
      network: renumberItems(network, rows, categories),
      neighbours,
      recipe: warmRecipe(recipe),
      newItems,
    };
  } catch (error) {
    if (!(error instanceof DomainError) || error.retriable) throw error;
    return { why: error.message };
  }
}

function warmRecipe({ epochs, learningRate }: LstmRecipe): Partial<LstmRecipe> {
  return { epochs: Math.max(1, Math.round(WARM.epochs * epochs)), learningRate: WARM.learningRate * learningRate };
}

/** Without what else stands beside it in a manifest. */
function recipeOf(recorded: Manifest['recipe']): LstmRecipe {
  const standard = completeRecipe();
  const fields = Object.keys(standard).filter((field) => field in recorded);
  return completeRecipe(Object.fromEntries(fields.map((field) => [field, recorded[field]])));
}
