import type { EncodedSessions } from '#domain';
import type { PredictionCase } from '#evaluation';
import { completeRecipe, TrainingDivergedError, type LstmModel, type LstmRecipe } from '#lstm';
import { spread, type HeldOut } from './held-out.js';
import { trainNetwork, type NetworkOptions } from './network.js';
import type { TrainingStage } from './progress.js';
import { BATCH, CUTOFF, rankerOf, withNetworkAlone } from './rankers.js';

/** What the networks of a run are trained with. */
export type RunPlan = Required<Pick<NetworkOptions, 'recipe' | 'share'>>;

/** A run's time in seconds, as in `performance.now() / 1000`. */
export interface Budget {
  readonly start: number;
  readonly seconds: number;
}

/** Both networks of a run, the one to be judged and the one for service, and a margin, because machines are noisy. */
const FULL_TRAININGS = 2.2;
/** Of the budget, for all that is not training: reading, choosing, judging, saving. */
const OTHER_WORK = 0.12;
/** A trial learns from this share of the older sessions at least: what helps with fewer may not help with all. */
const LEAST_TRIAL_SHARE = 0.2;
const TRIALS_WANTED = 12;
/** A change may make training so many times slower. */
const COSTLIER = 2;
const LEAST_EPOCHS = 3;
const PROBE_TARGETS = 30_000;
const TRIAL_CASES = 8_000;
/** A recipe is taken when it is better by so many standard errors of the paired difference. */
const SURE = 1.5;

/** Changes some fields of a recipe; null where that makes no sense. */
type Change = (recipe: LstmRecipe, itemCount: number) => Partial<LstmRecipe> | null;

/**
 * What is tried, one after the other on the best recipe so far: fields with about the same meaning stand in one group, of which
 * the first that helps is tried again, and the others no more. Over and over, until nothing helps.
 */
const CHANGES: readonly (readonly Change[])[] = [
  [
    ({ temperature }) => ({ temperature: temperature * 0.8 }),
    ({ temperature }) => ({ temperature: temperature * 1.25 }),
    () => ({ score: 'dot', itemBias: true }),
  ],
  [
    ({ inputDropout, readoutDropout }) => ({ inputDropout: inputDropout * 0.5, readoutDropout: readoutDropout * 0.5 }),
    ({ inputDropout, readoutDropout }) => ({
      inputDropout: Math.min(0.6, inputDropout * 1.4),
      readoutDropout: Math.min(0.6, readoutDropout * 1.4),
    }),
  ],
  [
    ({ learningRate }) => ({ learningRate: learningRate * 1.5 }),
    ({ learningRate }) => ({ learningRate: learningRate / 1.5 }),
  ],
  [({ epochs }) => ({ epochs: Math.round(epochs * 1.5) }), ({ epochs }) => ({ epochs: Math.ceil(epochs / 1.5) })],
  [({ dimensions }) => ({ dimensions: Math.round(1.5 * dimensions) }), () => ({ readout: 'none' })],
  [({ targetsPerBatch }) => ({ targetsPerBatch: Math.ceil(targetsPerBatch / 2) })],
  [
    ({ candidates }, itemCount) => (isSampled(candidates, itemCount) ? { candidates: 'all' } : null),
    ({ candidates, negativeExponent }, itemCount) =>
      isSampled(candidates, itemCount) && negativeExponent > 0.25
        ? { negativeExponent: negativeExponent - 0.25 }
        : null,
  ],
];

const isSampled = (candidates: LstmRecipe['candidates'], itemCount: number): boolean =>
  candidates !== 'all' && candidates < itemCount;

/**
 * Finds how to train within a budget of time: first whether two full trainings fit into it (else with fewer epochs, then with the
 * newest sessions only), then, with what time is left, whether another recipe predicts the choosing half of the held-out sessions
 * better. Each trial trains a network on the newest part of the older sessions.
 */
export async function planRun(
  heldOut: HeldOut,
  itemCount: number,
  budget: Budget,
  options: NetworkOptions,
): Promise<RunPlan> {
  const search = new Search(heldOut, itemCount, budget, options);
  const fullSeconds = await search.estimate();
  const fit = fitInto(completeRecipe(options.recipe), fullSeconds, search.secondsFor(0) / FULL_TRAININGS);
  if (fit) return { recipe: { ...options.recipe, ...fit.recipe }, share: fit.share };
  return { recipe: { ...options.recipe, ...(await search.run(fullSeconds)) }, share: 1 };
}

/** What must be given up for a training to take so many seconds; null when nothing. */
function fitInto({ epochs }: LstmRecipe, fullSeconds: number, seconds: number): RunPlan | null {
  if (fullSeconds <= seconds) return null;
  const affordable = Math.max(LEAST_EPOCHS, Math.floor((epochs * seconds) / fullSeconds));
  const fewer = Math.min(epochs, affordable);
  const share = Math.min(1, Math.max(0.01, seconds / ((fullSeconds * fewer) / epochs)));
  return { recipe: { epochs: fewer }, share };
}

interface Trial {
  readonly changes: Partial<LstmRecipe>;
  /** That a full training with this recipe takes. */
  readonly fullSeconds: number;
  /** Of each case: 1 for a hit, and twice 1 / rank. */
  readonly gains: Float64Array;
}

class Search {
  private readonly cases: readonly PredictionCase<number>[];
  private done = 0;

  constructor(
    private readonly heldOut: HeldOut,
    private readonly itemCount: number,
    private readonly budget: Budget,
    private readonly options: NetworkOptions,
  ) {
    this.cases = spread(heldOut.choosing, TRIAL_CASES);
  }

  /** Seconds left for trials when full trainings take so long. */
  secondsFor(fullSeconds: number): number {
    const { start, seconds } = this.budget;
    return start + seconds * (1 - OTHER_WORK) - FULL_TRAININGS * fullSeconds - performance.now() / 1000;
  }

  /** Seconds that a full training takes, from the second epoch of a short one: the first also builds the graphs. */
  async estimate(): Promise<number> {
    const { older } = this.heldOut;
    const share = Math.min(1, PROBE_TARGETS / targetsOf(older));
    const ends: number[] = [];
    await this.train({ epochs: 2 }, share, () => {
      ends.push(performance.now() / 1000);
      return Promise.resolve();
    });
    const [first = 0, second = 0] = ends;
    const { epochs } = completeRecipe(this.options.recipe);
    return ((second - first) / share) * epochs;
  }

  /** The best recipe that there was time to find. */
  async run(fullSeconds: number): Promise<Partial<LstmRecipe>> {
    const share = Math.min(1, this.secondsFor(fullSeconds) / (TRIALS_WANTED * fullSeconds));
    if (share < LEAST_TRIAL_SHARE / 3) return {};
    const trialShare = Math.max(LEAST_TRIAL_SHARE, share);
    let best = await this.try({}, trialShare);
    for (let before; before !== best;) {
      before = best;
      for (const group of CHANGES) best = await this.firstThatHelps(group, best, trialShare);
    }
    return best.changes;
  }

  /** Goes on with the first change of a group that helps, for as long as it does. */
  private async firstThatHelps(group: readonly Change[], start: Trial, share: number): Promise<Trial> {
    for (const change of group) {
      let best = start;
      for (let next = await this.challenge(best, change, share); next; next = await this.challenge(best, change, share))
        best = next;
      if (best !== start) return best;
    }
    return start;
  }

  /** The recipe with the change; null when it is not surely better, or there is no time to try or to train it. */
  private async challenge(best: Trial, change: Change, share: number): Promise<Trial | null> {
    const changed = change(completeRecipe({ ...this.options.recipe, ...best.changes }), this.itemCount);
    if (!changed || this.secondsFor(best.fullSeconds) < COSTLIER * share * best.fullSeconds) return null;
    try {
      const trial = await this.try({ ...best.changes, ...changed }, share);
      return this.secondsFor(trial.fullSeconds) >= 0 && surelyBetter(trial.gains, best.gains) ? trial : null;
    } catch (error) {
      if (error instanceof TrainingDivergedError) return null;
      throw error;
    }
  }

  private async try(changes: Partial<LstmRecipe>, share: number): Promise<Trial> {
    const { itemCount, options, cases } = this;
    const start = performance.now();
    const model = await this.train(changes, share);
    const fullSeconds = (performance.now() - start) / 1000 / share;
    this.done++;
    const gains = await withNetworkAlone(model, options, async (scorer) => {
      const rank = rankerOf(scorer, itemCount);
      const found = new Float64Array(cases.length);
      for (let from = 0; from < cases.length; from += BATCH) {
        const batch = cases.slice(from, from + BATCH);
        const answers = await rank(batch.map(({ prefix }) => prefix));
        for (const [i, { target }] of batch.entries()) {
          const place = Array.prototype.indexOf.call(answers[i] ?? [], target) + 1;
          if (place > 0 && place <= CUTOFF) found[from + i] = 1 + 2 / place;
        }
      }
      return found;
    });
    return { changes, fullSeconds, gains };
  }

  private train(changes: Partial<LstmRecipe>, share: number, onEpoch?: () => Promise<void>): Promise<LstmModel> {
    const { heldOut, itemCount, options, budget } = this;
    const note = `trial ${this.done + 1}: ${describe(changes)}`;
    const planned = {
      ...options,
      share,
      recipe: { ...options.recipe, ...changes },
      onProgress: (stage: TrainingStage) => {
        const done = (performance.now() / 1000 - budget.start) / budget.seconds;
        options.onProgress?.(stage, { done, count: this.done, note });
      },
    };
    return trainNetwork('searching', heldOut.older, itemCount, planned, onEpoch);
  }
}

const describe = (changes: Partial<LstmRecipe>): string => {
  const fields = Object.entries(changes).map(([field, value]) => `${field} ${String(value)}`);
  return fields.length > 0 ? fields.join(', ') : 'the recipe as it is';
};

const targetsOf = ({ items, endedAt }: EncodedSessions): number => Math.max(1, items.length - endedAt.length);

/** Whether the mean of the paired differences is above 0 by more than chance. */
function surelyBetter(gains: Float64Array, others: Float64Array): boolean {
  const differences = gains.map((gain, i) => gain - (others[i] ?? 0));
  const mean = differences.reduce((sum, x) => sum + x, 0) / differences.length;
  const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / differences.length;
  return mean > SURE * Math.sqrt(variance / differences.length);
}
