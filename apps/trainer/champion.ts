import { DomainError } from '#domain';
import type { NamedRanker } from '#evaluation';
import type { Manifest, ModelRegistry } from '#registry';
import { ScoringModel } from '#scoring';
import type { NetworkOptions } from './network.js';
import { CHAMPION } from './gate.js';
import { CUTOFF, question, threadsOf } from './rankers.js';

/** The model in service, as far as it is known without loading it. */
export interface Champion {
  readonly version: string;
  /** The end of the newest session that it learnt from, in milliseconds since the epoch. */
  readonly learntUntil: number;
  readonly manifest: Manifest;
}

/** Items that the champion knows and the data no longer have take up places of its answers: so many more are asked for at most. */
const MOST_MORE = 200;

/** Null where a store has no model yet. */
export async function championOf(
  registry: Pick<ModelRegistry, 'inService' | 'show'>,
  store: string,
): Promise<Champion | null> {
  const version = await registry.inService(store);
  if (version === null) return null;
  const manifest = await registry.show(store, version);
  return { version, learntUntil: Date.parse(manifest.trainingWindow.until), manifest };
}

/** A champion that answers, to be released; or why it can't. */
export type OpenedChampion =
  { readonly ranker: NamedRanker; readonly release: () => Promise<void> } | { readonly damage: string };

/**
 * Loads the champion to be judged as it serves, on cases in another vocabulary: items that it does not know are dropped from its
 * prefixes, and as targets it misses them; those that the other vocabulary does not know are left out of its answers, as no case asks
 * for them.
 * @param itemIds of the cases: the item with index i is at place i - 1
 */
export async function openChampion(
  registry: Pick<ModelRegistry, 'load'>,
  store: string,
  { version }: Champion,
  itemIds: readonly string[],
  options: NetworkOptions,
): Promise<OpenedChampion> {
  try {
    const model = await ScoringModel.ofArtefact(await registry.load(store, version), threadsOf(options));
    return { ranker: { name: CHAMPION, rank: rankerIn(model, itemIds) }, release: () => model.release() };
  } catch (error) {
    if (!(error instanceof DomainError) || error.retriable) throw error;
    return { damage: error.message };
  }
}

function rankerIn(model: ScoringModel, itemIds: readonly string[]): NamedRanker['rank'] {
  const theirs = Int32Array.from([0, ...itemIds.map((itemId) => model.indexOf(itemId) ?? 0)]);
  const ours = new Int32Array(model.itemIds.length + 1);
  for (const [index, known] of theirs.entries()) if (known > 0) ours[known] = index;
  const gone = ours.reduce((count, index) => count + (index === 0 ? 1 : 0), -1);
  const count = CUTOFF + Math.min(gone, MOST_MORE);
  return async (prefixes) => {
    const known = prefixes.map((prefix) => [...prefix].map((item) => theirs[item] ?? 0).filter((item) => item > 0));
    const asked = known.filter(({ length }) => length > 0);
    const answers = asked.length > 0 ? await model.score(asked.map((items) => question(items, count))) : [];
    let next = 0;
    return known.map(({ length }) => {
      if (length === 0) return [];
      const { ids = [] } = answers[next++] ?? {};
      return Array.from(ids, (item) => ours[item] ?? 0)
        .filter((item) => item > 0)
        .slice(0, CUTOFF);
    });
  };
}
