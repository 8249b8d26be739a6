import { buildDataset, splitByTime, type Dataset } from '#dataset';
import { InvalidInputError, type EncodedSessions } from '#domain';
import { evaluate, predictionCases } from '#evaluation';
import { exportServingModel, trainLstm, type LstmModel, type LstmRecipe, type TrainingProgress } from '#lstm';
import { encodeVocabulary, MODEL_FILE, VOCABULARY_FILE, type ManifestDraft, type ModelRegistry } from '#registry';
import type { SessionStore } from '#sessions';
import { ExportedNetwork } from './exported-network.js';

/** What training is doing. `validation` trains without the newest sessions to see how well they are predicted. */
export type TrainingStage = 'reading' | 'validation' | 'training' | 'saving';

/** Where sessions come from and models go. */
export interface TrainingPorts {
  readonly sessions: Pick<SessionStore, 'streamForTraining'>;
  readonly registry: Pick<ModelRegistry, 'saveAndPromote'>;
}

/** How to train; each field has a default. */
export interface TrainStoreOptions {
  /** Changes to the default recipe. */
  readonly recipe?: Partial<LstmRecipe>;
  /** 1 unless given; with `threads: 1` the same seed and sessions give the same network. */
  readonly seed?: number;
  /** Threads of the arithmetic; one per processor unless given. */
  readonly threads?: number;
  /** Items with fewer steps than this are left out; 1 (none is) unless given. */
  readonly minimumSupport?: number;
  /** Only sessions that ended at this time or later, in milliseconds since the epoch. */
  readonly from?: number;
  /** Only sessions that ended before this time. */
  readonly until?: number;
  /** Share of the sessions, the newest, that is first held out to judge the recipe; 0 (no such trial) unless given. */
  readonly validationShare?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: TrainingStage, progress?: TrainingProgress) => void;
}

/** What came out. */
export interface TrainStoreResult {
  readonly version: string;
  readonly counts: ManifestDraft['counts'];
  /** `loss` of the last epoch, `trainSeconds`; with validation also `p20` and `mrr20`, in percent. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Bytes of all files of the model. */
  readonly artefactBytes: number;
}

/** Fewer sessions teach nothing about the next one. */
const LEAST_SESSIONS = 2;
const VALIDATION_CUTOFF = 20;

/**
 * Trains a model on a store's sessions, checks that the exported file works, and puts it in service.
 * The model in service has seen the newest sessions too. Whatever fails before the end, nothing is stored or promoted.
 * @throws InvalidInputError `too_little_to_learn`, `recipe_invalid`; DomainError `training_diverged`, `export_unusable`;
 *   the signal's reason when it is aborted.
 */
export async function trainStore(
  { sessions, registry }: TrainingPorts,
  store: string,
  options: TrainStoreOptions = {},
): Promise<TrainStoreResult> {
  const { from, until, minimumSupport = 1, validationShare = 0, onProgress } = options;
  onProgress?.('reading');
  const window = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
  const batches = sessions.streamForTraining(store, window);
  const dataset = await buildDataset(batches, { minimumSupport });
  requireEnough(store, dataset);
  const validation = validationShare > 0 ? await validate(dataset, validationShare, options) : {};

  const start = performance.now();
  const { model, loss } = await train('training', dataset.sessions, dataset, options);
  const trainSeconds = (performance.now() - start) / 1000;
  onProgress?.('saving');
  const network = exportServingModel(model);
  const { maximumLength } = model.recipe;
  const exported = await ExportedNetwork.open(network, model.itemCount, maximumLength);
  await exported.release();
  options.signal?.throwIfAborted();

  const files = new Map([
    [MODEL_FILE, network],
    [VOCABULARY_FILE, encodeVocabulary(dataset.vocabulary.itemIds)],
  ]);
  const draft: ManifestDraft = {
    trainingWindow: windowOf(dataset.sessions),
    counts: countsOf(dataset),
    maximumLength,
    recipe: { ...model.recipe, minimumSupport },
    seed: seedOf(options),
    metrics: { loss, trainSeconds, ...validation },
  };
  const version = await registry.saveAndPromote(store, draft, files, 'training');
  const artefactBytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { version, counts: draft.counts, metrics: draft.metrics, artefactBytes };
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

async function train(
  stage: TrainingStage,
  sessions: EncodedSessions,
  { vocabulary }: Dataset,
  options: TrainStoreOptions,
): Promise<{ model: LstmModel; loss: number }> {
  const { recipe = {}, threads, signal, onProgress } = options;
  let loss = Number.NaN;
  const model = await trainLstm(sessions, vocabulary.itemIds.length, {
    recipe,
    seed: seedOf(options),
    ...(threads === undefined ? {} : { threads }),
    ...(signal && { signal }),
    onProgress: (progress) => {
      loss = progress.loss;
      onProgress?.(stage, progress);
    },
  });
  return { model, loss };
}

/** Trains without the newest sessions and predicts those, by the published protocol. */
async function validate(dataset: Dataset, share: number, options: TrainStoreOptions): Promise<Record<string, number>> {
  const { older, newest } = splitByTime(dataset.sessions, share);
  const { model } = await train('validation', older, dataset, options);
  const known = new Set(older.items);
  const network = await ExportedNetwork.open(exportServingModel(model), model.itemCount, model.recipe.maximumLength);
  try {
    const cases = predictionCases(itemLists(newest), (item) => known.has(item));
    const metrics = await evaluate(cases, network.ranker(VALIDATION_CUTOFF), { cutoff: VALIDATION_CUTOFF });
    return { p20: 100 * metrics.precision, mrr20: 100 * metrics.meanReciprocalRank };
  } finally {
    await network.release();
  }
}

function* itemLists({ items, offsets, endedAt }: EncodedSessions): Generator<Int32Array> {
  for (let session = 0; session < endedAt.length; session++) {
    yield items.subarray(offsets[session], offsets[session + 1]);
  }
}

const seedOf = ({ seed = 1 }: TrainStoreOptions): number => seed;

const windowOf = ({ endedAt }: EncodedSessions): ManifestDraft['trainingWindow'] => ({
  from: new Date(endedAt.at(0) ?? 0).toISOString(),
  until: new Date(endedAt.at(-1) ?? 0).toISOString(),
});

const countsOf = ({ sessions, vocabulary }: Dataset): ManifestDraft['counts'] => ({
  sessions: sessions.endedAt.length,
  items: vocabulary.itemIds.length,
  clicks: sessions.items.length,
});
