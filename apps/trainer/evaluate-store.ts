import type { CatalogStore } from '#catalog';
import { encodeSessions, type ReadSessions, type SessionItems } from '#dataset';
import { DomainError, InvalidInputError, type EncodedSessions } from '#domain';
import { baselineRankers, evaluateRankers, type EvaluationReport, type NamedRanker } from '#evaluation';
import { NeighbourIndex } from '#neighbours';
import { NEIGHBOURS_FILE, type Artefact, type Manifest, type ModelRegistry } from '#registry';
import { ScoringModel } from '#scoring';
import type { SessionStore } from '#sessions';
import { LEAST_CASES } from './held-out.js';
import type { ProgressListener } from './progress.js';
import { BATCH, CUTOFF, neighbourRanker, rankerOf, threadsOf } from './rankers.js';
import { categoriesOf, reportOf, storedReport, type RenderedReport } from './report.js';

/** Where models, sessions and items come from, and reports go. */
interface EvaluationPorts {
  readonly sessions: Pick<SessionStore, 'streamForTraining'>;
  readonly catalog: Pick<CatalogStore, 'describe'>;
  readonly registry: Pick<ModelRegistry, 'inService' | 'load' | 'report' | 'saveReport'>;
}

/** Sessions that are not the store's. */
interface OtherSessions {
  /** Such as `clicks.tsv`. */
  readonly name: string;
  /** Gives them, the oldest end first. */
  readonly read: () => Promise<readonly SessionItems[]>;
}

/** What to judge on what; each field has a default. */
export interface EvaluateStoreOptions {
  /** The model in service unless given. */
  readonly version?: string;
  /** Unless given, the store's sessions that ended after the newest one that the model learnt from. */
  readonly other?: OtherSessions;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** How good a model is. */
export interface EvaluateStoreResult extends RenderedReport {
  readonly version: string;
  /**
   * Null when the model was judged now. Else the report is the one that was stored with it before, because the newer sessions hold
   * only so many predictions.
   */
  readonly tooFewCases: number | null;
}

/**
 * Judges a model as it serves, beside its neighbours and the baselines, and stores the report with it; the training curve of the report
 * that was there stays. The baselines learn from the store's sessions of the time that the model learnt from.
 * Where the store has too few newer sessions to judge by, it gives the report that was stored before.
 * @throws DomainError `no_model`, `model_not_found`, `artefact_corrupt`, `model_unusable`, `too_little_to_evaluate`,
 *   `training_sessions_gone`; InvalidInputError `nothing_to_evaluate`; the signal's reason when it is aborted.
 */
export async function evaluateStore(
  ports: EvaluationPorts,
  store: string,
  options: EvaluateStoreOptions = {},
): Promise<EvaluateStoreResult> {
  const { registry, sessions } = ports;
  const { other, signal, onProgress } = options;
  onProgress?.('reading');
  const version = options.version ?? (await inService(registry, store));
  const artefact = await registry.load(store, version);
  const { manifest } = artefact;
  const before = await storedReport(registry, store, version);
  const model = await ScoringModel.ofArtefact(artefact, threadsOf({}));
  try {
    const encode = async (batches: Parameters<typeof encodeSessions>[0]): Promise<ReadSessions> => {
      const read = await encodeSessions(batches, (itemId) => model.indexOf(itemId));
      signal?.throwIfAborted();
      return read;
    };
    const { from, until } = learntTime(manifest);
    const judged = await encode(other ? [await other.read()] : sessions.streamForTraining(store, { from: until + 1 }));
    const cases = casesOf(judged.sessions);
    if (other) requireCases(manifest, other, judged);
    else if (cases < LEAST_CASES) return { version, tooFewCases: cases, ...(before ?? tooFew(manifest, cases)) };
    const training = await encode(sessions.streamForTraining(store, { from, until: until + 1 }));
    requireTraining(manifest, training.sessions);

    const descriptions = await ports.catalog.describe(store, model.itemIds);
    const categories = categoriesOf(model.itemIds, descriptions);
    const rankers = rankersOf(model, artefact, training.sessions);
    onProgress?.('judging');
    const evaluation = await evaluateRankers({
      sessions: judged.sessions,
      training: training.sessions,
      itemCount: model.itemIds.length,
      rankers,
      cutoff: CUTOFF,
      batchSize: BATCH,
      ...(categories && { categories }),
      ...(signal && { signal }),
      onProgress: (done, all) => {
        onProgress?.('judging', { done: done / all, count: done, note: `${rankers.length} rankers` });
      },
    });
    const rendered = reportOf({
      store,
      subject: subjectOf(manifest, other, judged),
      curve: before?.report.curve ?? [],
      evaluation,
      itemIds: model.itemIds,
      descriptions,
    });
    await registry.saveReport(store, version, rendered);
    return { version, tooFewCases: null, ...rendered };
  } finally {
    await model.release();
  }
}

async function inService(registry: Pick<ModelRegistry, 'inService'>, store: string): Promise<string> {
  const version = await registry.inService(store);
  if (version !== null) return version;
  throw new DomainError(
    'conflict',
    'no_model',
    `Store ${store} has no model in service, so there is nothing to evaluate. ` +
      'Train one (`train`), or name a version of `models list` with --model.',
    { store },
  );
}

/** What visitors get comes first. */
function rankersOf(model: ScoringModel, { files }: Artefact, training: EncodedSessions): NamedRanker[] {
  const itemCount = model.itemIds.length;
  const neighbours = files.get(NEIGHBOURS_FILE);
  return [
    { name: 'blend', rank: rankerOf(model, itemCount) },
    ...(neighbours ? [{ name: 'neighbours', rank: neighbourRanker(NeighbourIndex.decode(neighbours)) }] : []),
    ...baselineRankers(training, itemCount),
  ];
}

/** The ends of the oldest and the newest session that the model learnt from, in milliseconds since the epoch. */
const learntTime = ({ trainingWindow: { from, until } }: Manifest): { from: number; until: number } => ({
  from: Date.parse(from),
  until: Date.parse(until),
});

/** Every session has two items or more, and each but the first is a prediction. */
const casesOf = ({ items, endedAt }: EncodedSessions): number => items.length - endedAt.length;

const plain = (count: number): string => count.toLocaleString('en');

function requireCases({ store, version }: Manifest, { name }: OtherSessions, judged: ReadSessions): void {
  if (casesOf(judged.sessions) > 0) return;
  throw new InvalidInputError(
    'nothing_to_evaluate',
    `${name} has no session with two items that model ${version} knows (it does not know those of ${plain(judged.unknownSteps)} ` +
      `of the ${plain(judged.steps)} clicks), so there is nothing to predict. Give a file with visits to the shop of store ${store}.`,
    { store, version, clicks: judged.steps, unknownClicks: judged.unknownSteps },
  );
}

function tooFew({ store, version, trainingWindow }: Manifest, cases: number): never {
  throw new DomainError(
    'conflict',
    'too_little_to_evaluate',
    `Store ${store} has ${cases} predictions to judge by in its sessions after ${trainingWindow.until}, the end of what model ` +
      `${version} learnt from; ${LEAST_CASES} are the least. Nor was a report stored with the model when it was trained. ` +
      'Judge it on the sessions of a file (`evaluate --file FILE`), or once more visitors have come.',
    { store, version, cases },
  );
}

function requireTraining({ store, version, trainingWindow }: Manifest, { endedAt }: EncodedSessions): void {
  if (endedAt.length > 0) return;
  throw new DomainError(
    'conflict',
    'training_sessions_gone',
    `Store ${store} no longer has the sessions that model ${version} learnt from (${trainingWindow.from} to ${trainingWindow.until}), ` +
      'so there is nothing to compare it with. Import them again (`import events FILE --again`), or train a new model.',
    { store, version },
  );
}

/** What was judged on what, and what speaks against the figures. */
function subjectOf(
  manifest: Manifest,
  other: OtherSessions | undefined,
  judged: ReadSessions,
): EvaluationReport['subject'] {
  const { from, until } = learntTime(manifest);
  const learnt = judged.sessions.endedAt.filter((end) => end >= from && end <= until).length;
  return [
    `Model ${manifest.version} predicted the next items of the sessions ${other ? `in ${other.name}` : 'that came after its training'}, ` +
      'scored as in service with no item excluded.',
    ...(judged.unknownSteps > 0
      ? [
          `Left out are ${plain(judged.unknownSteps)} of the ${plain(judged.steps)} clicks, on items that it does not know.`,
        ]
      : []),
    ...(learnt > 0
      ? [
          `${plain(learnt)} of the ${plain(judged.sessions.endedAt.length)} sessions are from the time that it learnt from: ` +
            'if it learnt from them, it looks better than it is.',
        ]
      : []),
  ].join(' ');
}
