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
  /** What is changed in the recipe. */
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
/**
 * Multiples of what a training from nothing takes. A learning rate above that of the beginning lets a network leave what it knows too well
 * of the old sessions: with a quarter of it, as one would go on otherwise, it only gets worse. See docs/quality.md.
 */
const WARM = { epochs: 0.5, candidates: 0.5, learningRate: 1.5 } as const;
/** Where more of the items, or of the sessions, are new to the model in service, little is to be gained from it. */
const MOST_NEW = { items: 0.5, sessions: 0.35 } as const;

/** The model in service, and the end of the newest session that it learnt from, in milliseconds since the epoch. */
interface InService {
  readonly manifest: Manifest;
  readonly learntUntil: number;
}

/** What is to be learnt. */
interface ToLearn {
  /** The item with index i is at place i - 1. */
  readonly itemIds: readonly string[];
  readonly categories: ItemCategories | undefined;
  /** Ends of all sessions, the oldest first, in milliseconds since the epoch. */
  readonly endedAt: Float64Array;
}

/** What a run can begin from, if the model in service is whole, of the same shape, and knows most of what is to be learnt. */
export async function warmStartOf(
  registry: Pick<ModelRegistry, 'load'>,
  { manifest, learntUntil }: InService,
  recipe: LstmRecipe,
  { itemIds, categories, endedAt }: ToLearn,
): Promise<WarmStart | ColdStart> {
  const { store, version, recipe: theirs } = manifest;
  const learnt = recipeOf(theirs);
  const other = SHAPE.find((field) => learnt[field] !== recipe[field]);
  if (other) return { why: `Model ${version} in service has another ${other}.` };
  const newSessions = endedAt.filter((end) => end > learntUntil).length;
  if (newSessions > MOST_NEW.sessions * endedAt.length)
    return { why: `Model ${version} in service has not seen ${newSessions} of the ${endedAt.length} sessions.` };
  try {
    const { files } = await registry.load(store, version);
    const network = importServingModel(files.get(MODEL_FILE) as Uint8Array, learnt);
    if (!network) return { why: `Model ${version} in service is of an earlier version of this program.` };
    const known = await decodeVocabulary(files.get(VOCABULARY_FILE) as Uint8Array);
    const indexOf = new Map(known.map((itemId, place) => [itemId, place + 1]));
    const rows = Int32Array.from([0, ...itemIds.map((itemId) => indexOf.get(itemId) ?? 0)]);
    const newItems = rows.filter((row) => row === 0).length - 1;
    if (newItems > MOST_NEW.items * itemIds.length)
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

function warmRecipe({ epochs, candidates, targetsPerBatch, learningRate }: LstmRecipe): Partial<LstmRecipe> {
  return {
    epochs: Math.max(1, Math.round(WARM.epochs * epochs)),
    candidates: candidates === 'all' ? 'all' : Math.max(targetsPerBatch + 1, Math.round(WARM.candidates * candidates)),
    learningRate: WARM.learningRate * learningRate,
  };
}

/** Without what else stands beside it in a manifest. */
function recipeOf(recorded: Manifest['recipe']): LstmRecipe {
  const standard = completeRecipe();
  const fields = Object.keys(standard).filter((field) => field in recorded);
  return completeRecipe(Object.fromEntries(fields.map((field) => [field, recorded[field]])));
}
