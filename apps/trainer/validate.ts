import { fitBlend, itemFactors, itemFeatures, type BlendCase, type BlendWeights } from '#blend';
import {
  baselineRankers,
  evaluate,
  evaluateRankers,
  type CurvePoint,
  type ItemCategories,
  type NamedRanker,
  type PredictionCase,
  type RankersEvaluation,
} from '#evaluation';
import { exportServingModel } from '#lstm';
import { NeighbourIndex, tuneNeighbours, type NeighbourSettings } from '#neighbours';
import { NEIGHBOUR_ITEMS, Scorer } from '#scoring';
import { CHALLENGER } from './gate.js';
import { spread, type HeldOut } from './held-out.js';
import { trainNetwork, type NetworkOptions } from './network.js';
import { BATCH, CUTOFF, neighbourRanker, question, rankerOf, threadsOf, withNetworkAlone } from './rankers.js';

/** What the newest sessions say, held out of a trial training. */
export interface Validation {
  readonly neighbours: NeighbourSettings;
  readonly blend: BlendWeights;
  readonly evaluation: RankersEvaluation;
  readonly curve: readonly CurvePoint[];
}

/** What a trial is judged with. */
export interface Beside {
  readonly categories?: ItemCategories | undefined;
  /** The model in service. */
  readonly champion?: NamedRanker | undefined;
}

/** Predictions that the curve, and the choice of the blend, are taken on at most. */
const CURVE_CASES = 2_000;
const BLEND_CASES = 12_000;
/** Of the network's answer, what the blend's choice looks at. */
const NETWORK_ITEMS = 1_000;
/**
 * Trains a network without the newest sessions. One half of those (every second session) chooses the neighbours' settings and
 * the blend; the other half, of which nothing has been seen, judges the result beside the champion, its own parts and the baselines.
 */
export async function validate(
  { older, choosing, judging }: HeldOut,
  itemCount: number,
  options: NetworkOptions,
  { categories, champion }: Beside = {},
): Promise<Validation> {
  const { warm, signal, onProgress } = options;
  const curveCases = spread(choosing, CURVE_CASES);
  const curve = options.checkpoints?.curve ?? [];
  const network = await trainNetwork('validation', older, itemCount, options, async (epoch, loss, model) => {
    const { precision, meanReciprocalRank } = await withNetworkAlone(model, options, (scorer) =>
      evaluate(curveCases, rankerOf(scorer, itemCount), { cutoff: CUTOFF, batchSize: BATCH }),
    );
    curve.push({ epoch, loss, validation: { precision, reciprocalRank: meanReciprocalRank } });
  });

  onProgress?.('choosing');
  const index = NeighbourIndex.build(older, itemCount, warm?.neighbours);
  const neighbours = await tuneNeighbours(index, choosing, {
    ...(warm && { rounds: 1 }),
    ...(signal && { signal }),
    onTrial: ({ trial, trials, field }) => {
      onProgress?.('choosing', { done: trial / trials, count: trial, note: `the neighbours' ${field}` });
    },
  });
  const tuned = index.withSettings(neighbours);
  const features = itemFeatures(older, itemCount);

  return withNetworkAlone(network, options, async (alone) => {
    const blendCases = await bothParts(spread(choosing, BLEND_CASES), alone, tuned, itemCount);
    const blend = fitBlend(blendCases, features);
    onProgress?.('judging');
    const blended = await Scorer.open(
      {
        network: exportServingModel(network, itemFactors(features, blend.items)),
        neighbours: tuned,
        blend,
        maximumLength: network.recipe.maximumLength,
      },
      threadsOf(options),
    );
    try {
      const rankers: NamedRanker[] = [
        { name: CHALLENGER, rank: rankerOf(blended, itemCount) },
        ...(champion ? [champion] : []),
        { name: 'network', rank: rankerOf(alone, itemCount) },
        { name: 'neighbours', rank: neighbourRanker(tuned) },
        ...baselineRankers(older, itemCount),
      ];
      const evaluation = await evaluateRankers({
        sessions: judging,
        training: older,
        itemCount,
        rankers,
        cutoff: CUTOFF,
        batchSize: BATCH,
        ...(categories && { categories }),
        ...(signal && { signal }),
        onProgress: (done, cases) => {
          onProgress?.('judging', { done: done / cases, count: done, note: `${rankers.length} rankers` });
        },
      });
      return { neighbours, blend, evaluation, curve };
    } finally {
      await blended.release();
    }
  });
}

/** What network and neighbours each say, before any blending. */
async function bothParts(
  cases: readonly PredictionCase<number>[],
  network: Scorer,
  neighbours: NeighbourIndex,
  itemCount: number,
): Promise<BlendCase[]> {
  const blendCases: BlendCase[] = [];
  for (let start = 0; start < cases.length; start += BATCH) {
    const batch = cases.slice(start, start + BATCH);
    const count = Math.min(NETWORK_ITEMS, itemCount);
    const answers = await network.score(batch.map(({ prefix }) => question(prefix, count)));
    for (const [i, { prefix, target }] of batch.entries()) {
      const { ids, scores } = answers[i] ?? { ids: [], scores: [] };
      blendCases.push({
        session: prefix,
        target,
        network: { items: Int32Array.from(ids), shares: Float32Array.from(scores) },
        neighbours: neighbours.suggest(prefix, NEIGHBOUR_ITEMS),
      });
    }
  }
  return blendCases;
}
