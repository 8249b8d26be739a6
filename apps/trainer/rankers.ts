import { availableParallelism } from 'node:os';
import { neutralBlend } from '#blend';
import type { Ranker } from '#evaluation';
import { exportServingModel, type LstmModel } from '#lstm';
import type { NeighbourIndex } from '#neighbours';
import { Scorer, type ScoringQuestion } from '#scoring';
import type { NetworkOptions } from './network.js';

/** The k of every measure. */
export const CUTOFF = 20;
/** Prefixes in one call of a ranker. */
export const BATCH = 64;

/** Of onnxruntime. */
export const threadsOf = ({ threads = availableParallelism() }: NetworkOptions) => ({ intraOpNumThreads: threads });

/** Opens the network without neighbours, factors or boosts, for as long as the work takes. */
export async function withNetworkAlone<Result>(
  model: LstmModel,
  options: NetworkOptions,
  work: (scorer: Scorer) => Promise<Result>,
): Promise<Result> {
  const network = exportServingModel(model, new Float32Array(model.itemCount + 1).fill(1));
  const blend = { ...neutralBlend, networkShare: 1 };
  const { maximumLength } = model.recipe;
  const scorer = await Scorer.open({ network, neighbours: null, blend, maximumLength }, threadsOf(options));
  try {
    return await work(scorer);
  } finally {
    await scorer.release();
  }
}

/** Asks for the first `CUTOFF` items, with none excluded. */
export function rankerOf(scorer: Pick<Scorer, 'score'>, itemCount: number): Ranker<number> {
  const count = Math.min(CUTOFF, itemCount);
  return async (prefixes) => {
    const answers = await scorer.score(prefixes.map((items) => question(items, count)));
    return answers.map(({ ids }) => ids);
  };
}

/** A session to be answered with nothing excluded. */
export const question = (items: readonly number[], count: number): ScoringQuestion => ({
  items,
  excluded: [],
  alwaysExcluded: new BigInt64Array(),
  count,
});

/** The neighbours alone. */
export const neighbourRanker =
  (index: NeighbourIndex): Ranker<number> =>
  (prefixes) =>
    Promise.resolve(prefixes.map((prefix) => index.suggest(prefix, CUTOFF).items));
