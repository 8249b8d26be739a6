import type { CatalogStore } from '#catalog';
import type { Dataset } from '#dataset';
import { InvalidInputError } from '#domain';
import { completeRecipe } from '#lstm';
import type { AlsoStored, ManifestDraft, ModelRegistry } from '#registry';
import type { RunNotes } from '#runs';
import { modelFiles } from '#scoring';
import type { SessionStore } from '#sessions';
import { championOf, type Champion } from './champion.js';
import { requireSensible } from './check-data.js';
import type { GateRecord, PromotionRule } from './gate.js';
import { hasLearntWhatJudges, heldOutOf, judgeChallenger } from './judge-challenger.js';
import { learnModel, requireUsable } from './learn-model.js';
import { seedOf, type NetworkOptions } from './network.js';
import { categoriesOf, type ItemDescriptions } from './report.js';
import { RunCheckpoints, type RunKind } from './run-checkpoints.js';
import { planRun } from './search.js';
import { warmStartOf, type ColdStart, type WarmStart } from './warm-start.js';
import { catalogueMatch, readTrainingData, type CatalogueMatch, type TrainingDataOptions } from './training-data.js';

/** Where sessions and items come from and models go. */
export interface TrainingPorts {
  readonly sessions: Pick<SessionStore, 'streamForTraining'>;
  readonly catalog: Pick<CatalogStore, 'describe'>;
  readonly registry: Pick<ModelRegistry, 'inService' | 'show' | 'load' | 'save' | 'saveAndPromote'>;
}

/** How to train; each field has a default. */
export interface TrainStoreOptions extends Omit<NetworkOptions, 'checkpoints' | 'warm'>, TrainingDataOptions {
  /** Begins from nothing even where the model in service could be gone on from. */
  readonly cold?: boolean;
  /** Trains on data that do not look right, too. */
  readonly acceptData?: boolean;
  /**
   * For the whole run. With it a recipe is searched first, in the time that two trainings leave; and what does not fit is
   * trained for fewer epochs, then on fewer sessions. Without it the recipe is taken as it is, however long that takes.
   */
  readonly budgetSeconds?: number;
  /** `if-better` unless given. */
  readonly promote?: PromotionRule;
  /** Of training between two checkpoints; 180 unless given. */
  readonly checkpointSeconds?: number;
  /** Where the run is taken down, and its checkpoints are; without it there are none. */
  readonly notes?: RunNotes;
}

/** What came out. */
export interface TrainStoreResult {
  readonly outcome: 'promoted' | 'kept';
  /** A sentence. */
  readonly reason: string;
  /** Null where no model was stored. */
  readonly version: string | null;
  readonly counts: ManifestDraft['counts'];
  /**
   * `trainSeconds` from the first session read to the end; where sessions were held out, `p20` and `mrr20` of the blend trained without
   * them, in percent; where a model was made, `loss` of its last epoch.
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** Null where there was too little to judge by. */
  readonly gate: GateRecord | null;
  /** What the search changed in the recipe; absent where there was none. */
  readonly found?: NonNullable<NetworkOptions['recipe']>;
  /** Bytes of all files of the model; 0 where none was stored. */
  readonly artefactBytes: number;
}

/** Fewer sessions teach nothing about the next one. */
const LEAST_SESSIONS = 2;
const CHECKPOINT_SECONDS = 180;
/**
 * Trains a model on a store's sessions and, if it is better than what is there, puts it in service with its report.
 * A challenger, trained without the newest sessions, of which the model in service (the champion) has not learnt either, is judged on
 * them beside the champion and the baselines; see `judgeGate`. If it passes, the model for service is trained on all sessions.
 * Whatever fails before the end, nothing is stored or promoted but checkpoints, from which the next run of the same options goes on.
 * @throws InvalidInputError `too_little_to_learn`, `recipe_invalid`; DomainError `data_suspicious`, `training_diverged`, `export_unusable`;
 *   the signal's reason when it is aborted.
 */
export async function trainStore(
  ports: TrainingPorts,
  store: string,
  options: TrainStoreOptions = {},
): Promise<TrainStoreResult> {
  const { sessions, catalog, registry } = ports;
  const { promote = 'if-better', checkpointSeconds = CHECKPOINT_SECONDS, notes } = options;
  const onProgress: NonNullable<TrainStoreOptions['onProgress']> = (stage, progress) => {
    notes?.stage(stage);
    options.onProgress?.(stage, progress);
  };
  completeRecipe(options.recipe);
  const start = performance.now() / 1000;
  const seconds = (): number => performance.now() / 1000 - start;
  onProgress('reading');
  const { dataset, data: read, activity } = await readTrainingData(sessions, store, dataOptions(options));
  await notes?.note({ data: { ...read, ...countsOf(dataset) } });
  requireEnough(store, dataset);
  const { itemIds } = dataset.vocabulary;
  const descriptions = await catalog.describe(store, itemIds);
  const champion = await championOf(registry, store);
  const data = { ...read, catalogue: catalogueMatch(activity, descriptions) };
  if (options.acceptData !== true) {
    requireSensible(activity, {
      store,
      now: options.until ?? Date.now(),
      learnt: learntOf(champion, dataset, options),
      catalogue: { before: catalogueBefore(champion), now: data.catalogue },
    });
  }
  const checkpoints = notes
    ? await RunCheckpoints.open({ notes, everySeconds: checkpointSeconds }, kindOf(options, champion), itemIds)
    : undefined;
  let judgement = checkpoints?.judgement ?? null;
  const heldOut = judgement ? null : heldOutOf(dataset, champion, promote);
  if (!heldOut && !judgement && champion && promote === 'if-better')
    return kept(dataset, { reason: nothingNew(champion), gate: null, metrics: { trainSeconds: seconds() } });
  const budget = options.budgetSeconds === undefined ? undefined : { start, seconds: options.budgetSeconds };
  let plan = checkpoints?.plan ?? null;
  if (heldOut && budget && !plan) {
    plan = await planRun(heldOut, itemIds.length, budget, { ...options, onProgress });
    await checkpoints?.keepPlan(plan);
  }
  const begun = await beginningOf(registry, champion, dataset, descriptions, options);
  await notes?.note({ start: { ...begun, network: undefined } });
  const warm = 'network' in begun ? begun : undefined;
  const planned = { ...options, ...plan, onProgress, ...(checkpoints && { checkpoints }), ...(warm && { warm }) };

  if (heldOut) {
    judgement = await judgeChallenger(registry, { store, dataset, heldOut, champion, descriptions, promote }, planned);
    await checkpoints?.keepJudgement(judgement);
  }
  const { gate = null, curve = [], metrics = {}, report } = judgement ?? {};
  const found = plan ? { found: plan.recipe } : {};
  await notes?.note({ gate, curve, metrics, ...found });
  if (gate && !gate.passed && promote === 'if-better') {
    return { ...kept(dataset, { reason: gate.why, gate, metrics: { ...metrics, trainSeconds: seconds() } }), ...found };
  }

  const { parts, maximumLength, recipe, loss } = await learnModel(dataset, judgement, planned);
  onProgress('saving');
  const files = modelFiles(parts);
  await requireUsable(files, maximumLength);
  options.signal?.throwIfAborted();

  const draft: ManifestDraft = {
    trainingWindow: windowOf(dataset),
    counts: countsOf(dataset),
    maximumLength,
    recipe: { ...recipe, minimumSupport: read.minimumSupport, neighbours: parts.neighbours.settings },
    seed: seedOf(options),
    metrics: { loss, ...metrics, trainSeconds: seconds() },
    data,
    ...(gate && { gate }),
  };
  await notes?.note({ recipe: draft.recipe, metrics: draft.metrics });
  const outcome = promote === 'never' ? 'kept' : 'promoted';
  const reason = reasonOf(promote, gate);
  const also: AlsoStored = async (manager, version) => notes?.finish(manager, { outcome, reason, version });
  const version =
    promote === 'never'
      ? await registry.save(store, draft, files, report, also)
      : await registry.saveAndPromote(store, draft, files, promotionReason(promote), report, also);
  const artefactBytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { outcome, reason, version, counts: draft.counts, metrics: draft.metrics, gate, ...found, artefactBytes };
}

const dataOptions = ({ from, until, minimumSupport, longestSession }: TrainingDataOptions): TrainingDataOptions => ({
  ...(from === undefined ? {} : { from }),
  ...(until === undefined ? {} : { until }),
  ...(minimumSupport === undefined ? {} : { minimumSupport }),
  ...(longestSession === undefined ? {} : { longestSession }),
});

/** A search is for the recipe of a training from nothing. */
async function beginningOf(
  registry: TrainingPorts['registry'],
  champion: Champion | null,
  dataset: Dataset,
  descriptions: ItemDescriptions,
  { cold = false, budgetSeconds, promote = 'if-better', recipe }: TrainStoreOptions,
): Promise<WarmStart | ColdStart> {
  if (cold) return { why: 'As asked.' };
  if (budgetSeconds !== undefined) return { why: 'A recipe was searched.' };
  if (!champion) return { why: 'No model is in service.' };
  if (hasLearntWhatJudges(dataset, champion, promote))
    return { why: `Model ${champion.version} in service has learnt from the sessions that judge.` };
  const { itemIds } = dataset.vocabulary;
  const toLearn = { itemIds, categories: categoriesOf(itemIds, descriptions), endedAt: dataset.sessions.endedAt };
  return warmStartOf(registry, champion, completeRecipe(recipe), toLearn);
}

/** Not of it: the beginning of the window, which moves while a run is interrupted, and what says nothing about the model. */
function kindOf(options: TrainStoreOptions, champion: Champion | null): RunKind {
  const { recipe, share, seed, cold, until, minimumSupport, longestSession, budgetSeconds, promote } = options;
  return {
    options: { recipe, share, seed, cold, until, minimumSupport, longestSession, budgetSeconds, promote },
    champion: champion?.version ?? null,
  };
}

/** With a window that moves, fewer sessions may be meant. */
function learntOf(
  champion: Champion | null,
  { sessions }: Dataset,
  { from }: TrainingDataOptions,
): { before: number; now: number } | null {
  return champion && from === undefined
    ? { before: champion.manifest.counts.sessions, now: sessions.endedAt.length }
    : null;
}

/** Older manifests say nothing of it. */
function catalogueBefore(champion: Champion | null): CatalogueMatch | null {
  const data = champion?.manifest.data as { readonly catalogue?: CatalogueMatch } | undefined;
  return data?.catalogue ?? null;
}

/** What becomes of a night that stores no model. */
const kept = (dataset: Dataset, result: Pick<TrainStoreResult, 'reason' | 'gate' | 'metrics'>): TrainStoreResult => ({
  outcome: 'kept',
  version: null,
  counts: countsOf(dataset),
  artefactBytes: 0,
  ...result,
});

const nothingNew = ({ version, learntUntil }: Champion): string =>
  `Too few sessions came after ${new Date(learntUntil).toISOString()}, the end of what model ${version} in service has learnt, ` +
  'to judge another one by, so nothing was trained.';

const OVERRIDES = { always: 'promoted whatever the gate says', never: 'not promoted, as asked' } as const;

function reasonOf(promote: PromotionRule, gate: GateRecord | null): string {
  const found = gate?.why ?? 'There were too few sessions to judge it by.';
  return promote === 'if-better' ? found : `By hand: ${OVERRIDES[promote]}. ${found}`;
}

const promotionReason = (promote: PromotionRule): string =>
  promote === 'always' ? 'training, whatever the gate said' : 'training';

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

const windowOf = ({ sessions: { endedAt } }: Dataset): ManifestDraft['trainingWindow'] => ({
  from: new Date(endedAt.at(0) ?? 0).toISOString(),
  until: new Date(endedAt.at(-1) ?? 0).toISOString(),
});

const countsOf = ({ sessions, vocabulary }: Dataset): ManifestDraft['counts'] => ({
  sessions: sessions.endedAt.length,
  items: vocabulary.itemIds.length,
  clicks: sessions.items.length,
});
