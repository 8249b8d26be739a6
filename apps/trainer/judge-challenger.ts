import type { Dataset } from '#dataset';
import type { NamedRanker } from '#evaluation';
import type { ModelRegistry } from '#registry';
import { openChampion, type Champion } from './champion.js';
import { judgeGate, type GateRecord, type PromotionRule } from './gate.js';
import { holdOut, type HeldOut } from './held-out.js';
import type { NetworkOptions } from './network.js';
import { categoriesOf, type ItemDescriptions } from './report.js';
import { validate, type Validation } from './validate.js';

/** An override has to judge by what there is, even if the champion has learnt from it. */
export function heldOutOf({ sessions }: Dataset, champion: Champion | null, promote: PromotionRule): HeldOut | null {
  const unseen = holdOut(sessions, champion?.learntUntil);
  return unseen ?? (promote === 'if-better' ? null : holdOut(sessions));
}

/** Who is judged on what. */
export interface ToJudge {
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
  store: string,
  { dataset, heldOut, champion, descriptions, promote }: ToJudge,
  options: NetworkOptions,
): Promise<{ validation: Validation; gate: GateRecord }> {
  const { itemIds } = dataset.vocabulary;
  const categories = categoriesOf(itemIds, descriptions);
  const judged = champion && { version: champion.version, p20Before: champion.manifest.metrics.p20 };
  const against = async (ranker?: NamedRanker): Promise<{ validation: Validation; gate: GateRecord }> => {
    const validation = await validate(heldOut, itemIds.length, options, { categories, champion: ranker });
    return { validation, gate: judgeGate(validation.evaluation, judged, promote) };
  };
  if (!champion) return against();
  const opened = await openChampion(registry, store, champion, itemIds, options);
  if ('damage' in opened) {
    const { validation, gate } = await against();
    return { validation, gate: { ...gate, why: `${gate.why} The champion could not be judged: ${opened.damage}` } };
  }
  try {
    return await against(opened.ranker);
  } finally {
    await opened.release();
  }
}
