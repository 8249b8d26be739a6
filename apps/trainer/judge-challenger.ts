import type { Dataset } from '#dataset';
import type { NamedRanker } from '#evaluation';
import type { ModelRegistry } from '#registry';
import { bestOfWeek } from './best-of-week.js';
import { openChampion, type Champion } from './champion.js';
import { judgeGate, type PromotionRule } from './gate.js';
import { holdOut, type HeldOut } from './held-out.js';
import type { Judgement } from './judgement.js';
import type { NetworkOptions } from './network.js';
import { categoriesOf, reportOf, type ItemDescriptions } from './report.js';
import { validate, type Validation } from './validate.js';

/** Of the report. */
const SUBJECT =
  'A model trained like this one, but without the newest sessions, predicted the next items of every second one of them. ' +
  "The others chose the neighbours' settings and the weights of the blend. The model in the registry has learnt from all sessions.";

/** An override has to judge by what there is, even if the champion has learnt from it. */
export function heldOutOf({ sessions }: Dataset, champion: Champion | null, promote: PromotionRule): HeldOut | null {
  const unseen = holdOut(sessions, champion?.learntUntil);
  return unseen ?? (promote === 'if-better' ? null : holdOut(sessions));
}

/** Whether a challenger that goes on from the champion would be judged by what it knows. */
export function hasLearntWhatJudges({ sessions }: Dataset, champion: Champion, promote: PromotionRule): boolean {
  return promote !== 'if-better' && !holdOut(sessions, champion.learntUntil) && holdOut(sessions) !== null;
}

/** Who is judged on what. */
export interface ToJudge {
  readonly store: string;
  readonly dataset: Dataset;
  readonly heldOut: HeldOut;
  readonly champion: Champion | null;
  readonly descriptions: ItemDescriptions;
  readonly promote: PromotionRule;
}

/**
 * Trains a challenger and judges it beside the champion and the baselines.
 * A champion that cannot be loaded is no reason to go on with it: the challenger has the baselines to beat then.
 */
export async function judgeChallenger(
  registry: Pick<ModelRegistry, 'load'>,
  { store, dataset, heldOut, champion, descriptions, promote }: ToJudge,
  options: NetworkOptions,
): Promise<Judgement> {
  const { itemIds } = dataset.vocabulary;
  const categories = categoriesOf(itemIds, descriptions);
  const inCatalogue = (item: number): boolean => descriptions.has(itemIds[item - 1] ?? '');
  const against = async (ranker?: NamedRanker): Promise<Judgement> => {
    const judged = champion && {
      version: champion.version,
      p20Before: champion.manifest.metrics.p20,
      p20OfWeek: ranker && (await bestOfWeek(ranker, heldOut.older, champion.learntUntil)),
    };
    const validation = await validate(heldOut, itemIds.length, options, { categories, champion: ranker });
    const { neighbours, blend, curve, evaluation } = validation;
    const gate = judgeGate(evaluation, judged, promote, inCatalogue);
    const report = reportOf({ store, subject: SUBJECT, itemIds, descriptions, curve, evaluation });
    return { gate, neighbours, blend, curve, metrics: metricsOf(validation), report };
  };
  if (!champion) return against();
  const opened = await openChampion(registry, store, champion, itemIds, options);
  if ('damage' in opened) {
    const judgement = await against();
    const { gate } = judgement;
    return { ...judgement, gate: { ...gate, why: `${gate.why} The champion could not be judged: ${opened.damage}` } };
  }
  try {
    return await against(opened.ranker);
  } finally {
    await opened.release();
  }
}

function metricsOf({ evaluation }: Validation): Record<string, number> {
  const measures = evaluation.rankers[0]?.measures;
  if (!measures?.precision || !measures.reciprocalRank) return {};
  return { p20: 100 * measures.precision.value, mrr20: 100 * measures.reciprocalRank.value };
}
