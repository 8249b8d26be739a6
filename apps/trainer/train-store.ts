import { itemFactors, itemFeatures, neutralBlend } from '#blend';
import type { CatalogStore } from '#catalog';
import { buildDataset, type Dataset } from '#dataset';
import { DomainError, InvalidInputError } from '#domain';
import { exportServingModel } from '#lstm';
import { defaultNeighbourSettings, NeighbourIndex } from '#neighbours';
import type { ManifestDraft, ModelRegistry } from '#registry';
import { modelFiles, ScoringModel, type ModelParts } from '#scoring';
import type { SessionStore } from '#sessions';
import { holdOut } from './held-out.js';
import { seedOf, trainNetwork, type NetworkOptions } from './network.js';
import { categoriesOf, reportOf } from './report.js';
import { planRun } from './search.js';
import { validate, type Validation } from './validate.js';

/** Where sessions and items come from and models go. */
export interface TrainingPorts {
  readonly sessions: Pick<SessionStore, 'streamForTraining'>;
  readonly catalog: Pick<CatalogStore, 'describe'>;
  readonly registry: Pick<ModelRegistry, 'saveAndPromote'>;
}

/** How to train; each field has a default. */
export interface TrainStoreOptions extends NetworkOptions {
  /** Items with fewer steps than this are left out; 1 (none is) unless given. */
  readonly minimumSupport?: number;
  /** Only sessions that ended at this time or later, in milliseconds since the epoch. */
  readonly from?: number;
  /** Only sessions that ended before this time. */
  readonly until?: number;
  /**
   * For the whole run. With it a recipe is searched first, in the time that two trainings leave; and what does not fit is
   * trained for fewer epochs, then on fewer sessions. Without it the recipe is taken as it is, however long that takes.
   */
  readonly budgetSeconds?: number;
}

/** What came out. */
export interface TrainStoreResult {
  readonly version: string;
  readonly counts: ManifestDraft['counts'];
  /**
   * `loss` of the last epoch, `trainSeconds` from the first session read to the model stored; where sessions were held out, also
   * `p20` and `mrr20` of the blend, in percent.
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** What the search changed in the recipe; absent where there was none. */
  readonly found?: NonNullable<NetworkOptions['recipe']>;
  /** Bytes of all files of the model. */
  readonly artefactBytes: number;
}

/** Fewer sessions teach nothing about the next one. */
const LEAST_SESSIONS = 2;
/** Of the report. */
const SUBJECT =
  'A model trained like this one, but without the newest sessions, predicted the next items of every second one of them. ' +
  "The others chose the neighbours' settings and the weights of the blend. The model in the registry has learnt from all sessions.";

/**
 * Trains a model on a store's sessions, checks that its files work, and puts it in service with its report.
 * A trial without the newest sessions chooses what the model leaves open and judges it; the model itself has seen them all.
 * Whatever fails before the end, nothing is stored or promoted.
 * @throws InvalidInputError `too_little_to_learn`, `recipe_invalid`; DomainError `training_diverged`, `export_unusable`;
 *   the signal's reason when it is aborted.
 */
export async function trainStore(
  { sessions, catalog, registry }: TrainingPorts,
  store: string,
  options: TrainStoreOptions = {},
): Promise<TrainStoreResult> {
  const { from, until, minimumSupport = 1, onProgress } = options;
  const start = performance.now() / 1000;
  onProgress?.('reading');
  const window = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
  const dataset = await buildDataset(sessions.streamForTraining(store, window), { minimumSupport });
  requireEnough(store, dataset);
  const { itemIds } = dataset.vocabulary;
  const descriptions = await catalog.describe(store, itemIds);
  const heldOut = holdOut(dataset.sessions);
  const budget = options.budgetSeconds === undefined ? undefined : { start, seconds: options.budgetSeconds };
  const plan = heldOut && budget ? await planRun(heldOut, itemIds.length, budget, options) : null;
  const planned = { ...options, ...plan };
  const validation = heldOut && (await validate(heldOut, itemIds.length, planned, categoriesOf(itemIds, descriptions)));

  const { parts, maximumLength, recipe, loss } = await learn(dataset, validation, planned);
  onProgress?.('saving');
  const files = modelFiles(parts);
  await requireUsable(files, maximumLength);
  options.signal?.throwIfAborted();

  const draft: ManifestDraft = {
    trainingWindow: windowOf(dataset),
    counts: countsOf(dataset),
    maximumLength,
    recipe: { ...recipe, minimumSupport, neighbours: parts.neighbours.settings },
    seed: seedOf(options),
    metrics: { loss, ...metricsOf(validation), trainSeconds: performance.now() / 1000 - start },
  };
  const report = validation ? reportOf({ store, subject: SUBJECT, itemIds, descriptions, ...validation }) : undefined;
  const version = await registry.saveAndPromote(store, draft, files, 'training', report);
  const artefactBytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const found = plan && { found: plan.recipe };
  return { version, counts: draft.counts, metrics: draft.metrics, ...found, artefactBytes };
}

/** The model that goes into service, from all sessions. */
async function learn(
  { sessions, vocabulary }: Dataset,
  validation: Validation | null,
  options: NetworkOptions,
): Promise<{ parts: ModelParts; maximumLength: number; recipe: object; loss: number }> {
  const itemCount = vocabulary.itemIds.length;
  const blend = validation?.blend ?? neutralBlend;
  let loss = Number.NaN;
  const network = await trainNetwork('training', sessions, itemCount, options, (_, epochLoss) => {
    loss = epochLoss;
    return Promise.resolve();
  });
  return {
    parts: {
      network: exportServingModel(network, itemFactors(itemFeatures(sessions, itemCount), blend.items)),
      neighbours: NeighbourIndex.build(sessions, itemCount, validation?.neighbours ?? defaultNeighbourSettings),
      blend,
      itemIds: vocabulary.itemIds,
    },
    maximumLength: network.recipe.maximumLength,
    recipe: network.recipe,
    loss,
  };
}

function requireEnough(store: string, { sessions, vocabulary }: Dataset): void {
  const found = sessions.endedAt.length;
  if (found >= LEAST_SESSIONS && vocabulary.itemIds.length >= 2) return;
  const what =
    found < LEAST_SESSIONS
      ? `${found === 0 ? 'no session' : 'only one session'} with two items or more`
      : 'sessions with one item only';
  throw new InvalidInputError(
    'too_little_to_learn',
    `Store ${store} has ${what} in the time to train on, so there is nothing to learn yet and no model was made. ` +
      'Send events (POST /v1/events) or import a file (import events FILE), then train again.',
    { store, sessions: found, items: vocabulary.itemIds.length },
  );
}

async function requireUsable(files: ReadonlyMap<string, Uint8Array>, maximumLength: number): Promise<void> {
  try {
    const model = await ScoringModel.open(files, maximumLength, {});
    await model.release();
  } catch (cause) {
    throw new DomainError(
      'internal',
      'export_unusable',
      `The trained model does not work once exported, so it was not stored: ${cause instanceof Error ? cause.message : String(cause)}`,
      {},
      { cause },
    );
  }
}

function metricsOf(validation: Validation | null): Record<string, number> {
  const measures = validation?.evaluation.rankers[0]?.measures;
  if (!measures?.precision || !measures.reciprocalRank) return {};
  return { p20: 100 * measures.precision.value, mrr20: 100 * measures.reciprocalRank.value };
}

const windowOf = ({ sessions: { endedAt } }: Dataset): ManifestDraft['trainingWindow'] => ({
  from: new Date(endedAt.at(0) ?? 0).toISOString(),
  until: new Date(endedAt.at(-1) ?? 0).toISOString(),
});

const countsOf = ({ sessions, vocabulary }: Dataset): ManifestDraft['counts'] => ({
  sessions: sessions.endedAt.length,
  items: vocabulary.itemIds.length,
  clicks: sessions.items.length,
});
