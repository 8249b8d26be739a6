import { setImmediate } from 'node:timers/promises';
import { InvalidInputError } from '#domain';
import type { NeighbourIndex } from './neighbour-index.js';
import { completeNeighbourSettings, type NeighbourSettings } from './settings.js';

/** A session's beginning, oldest item first, and the item that came next; item indexes. */
export interface NextItemCase {
  readonly prefix: readonly number[];
  readonly target: number;
}

/** One setting that was tried. */
export interface TuningTrial {
  /** From 1. */
  readonly trial: number;
  readonly trials: number;
  readonly field: keyof NeighbourSettings;
  readonly settings: NeighbourSettings;
  /** How much better than the best so far, see {@link tuneNeighbours}; below 0 when worse. */
  readonly gain: number;
  /** How many cases tell so: a trial that is surely no better ends early. */
  readonly cases: number;
  /** Whether it is the best now. */
  readonly taken: boolean;
}

/** How settings are searched. */
export interface TuningOptions {
  readonly onTrial?: (trial: TuningTrial) => void;
  readonly signal?: AbortSignal;
  /** How often every setting gets its turn at most; 3 unless given. */
  readonly rounds?: number;
  /** How many settings are tried at most; 60 unless given. */
  readonly trials?: number;
}

const CUTOFF = 20;
const MAXIMUM_CASES = 4000;
const BLOCKS = 16;
/** No smaller gain is worth a change. */
const MARGIN = 0.0002;

interface Step {
  readonly field: keyof NeighbourSettings;
  /** What the setting is multiplied by, at first. */
  factor: number;
  /** Where it ends. */
  readonly most: number;
}

/** The settings that most often pay come first. `candidates` is not among them: it decides how long an answer takes. */
const STEPS: readonly Readonly<Step>[] = [
  { field: 'recencyDays', factor: 0.35, most: 10_000 },
  { field: 'sharedItemWeight', factor: 0.4, most: 10 },
  { field: 'positionDecay', factor: 1.7, most: 20 },
  { field: 'rarity', factor: 0.6, most: 10 },
  { field: 'distanceDecay', factor: 0.4, most: 50 },
  { field: 'backward', factor: 0.5, most: 1 },
  { field: 'similarityPower', factor: 1.4, most: 5 },
  { field: 'lengthPower', factor: 2, most: 1 },
  { field: 'neighbours', factor: 2.5, most: 1500 },
];

/**
 * Searches the settings that predict best, one setting at a time (coordinate descent), from those that the index has. A
 * setting is multiplied by a factor, again while that helps, or else divided by it; for the next round the factor comes
 * nearer to 1. What counts is the share of cases whose target is among the first 20 suggestions plus twice the mean of
 * 1 / its place (0 past 20). Settings are taken that are better by more than the standard error of the difference, case by
 * case: with fewer cases, or with less to gain, the settings stay. The same cases give the same settings.
 * @param cases of sessions that the index does not have; the search looks at 4,000 at most, evenly spread
 * @throws InvalidInputError `tuning_cases_missing` when there are no cases; the signal's reason when it is aborted
 */
export async function tuneNeighbours(
  index: NeighbourIndex,
  cases: readonly NextItemCase[],
  { onTrial, signal, rounds = 3, trials = 60 }: TuningOptions = {},
): Promise<NeighbourSettings> {
  const race = await Race.start(index, spread(cases), signal);
  let trial = 0;
  const steps = STEPS.map((step): Step => ({ ...step }));
  const tryOut = async ({ field, factor, most }: Step): Promise<boolean> => {
    const value = Math.min(most, race.best[field] * factor);
    const settings = completeNeighbourSettings({
      ...race.best,
      [field]: field === 'neighbours' ? Math.max(1, Math.round(value)) : value,
    });
    if (trial >= trials || settings[field] === race.best[field]) return false;
    const result = await race.challenge(settings);
    onTrial?.({ trial: ++trial, trials, field, settings, ...result });
    return result.taken;
  };
  for (let round = 0, any = true; round < rounds && any; round++) {
    any = false;
    for (const step of steps) {
      let taken = await tryOut(step);
      if (!taken) {
        step.factor = 1 / step.factor;
        taken = await tryOut(step);
      }
      any ||= taken;
      while (taken) taken = await tryOut(step);
      step.factor = Math.sqrt(step.factor);
    }
  }
  return race.best;
}

/** The best settings so far, and how they do on each case. */
class Race {
  private values: Float64Array = new Float64Array(0);

  private constructor(
    private readonly index: NeighbourIndex,
    private readonly cases: readonly NextItemCase[],
    private readonly signal: AbortSignal | undefined,
    public best: NeighbourSettings,
  ) {}

  static async start(
    index: NeighbourIndex,
    cases: readonly NextItemCase[],
    signal: AbortSignal | undefined,
  ): Promise<Race> {
    if (cases.length === 0)
      throw new InvalidInputError(
        'tuning_cases_missing',
        'Neighbours cannot be tuned without cases: give at least one.',
      );
    const race = new Race(index, cases, signal, index.settings);
    const values = new Float64Array(cases.length);
    for (let block = 0; block < BLOCKS; block++) await race.judge(index, values, block);
    race.values = values;
    return race;
  }

  /** Compares case by case with the best, block by block; ends when two standard errors would not bring it up. */
  async challenge(settings: NeighbourSettings): Promise<Pick<TuningTrial, 'gain' | 'cases' | 'taken'>> {
    const index = this.index.withSettings(settings);
    const values = new Float64Array(this.cases.length);
    let [cases, sum, squares, gain, error] = [0, 0, 0, 0, 0];
    for (let block = 0; block < BLOCKS && (block === 0 || error === 0 || gain + 2 * error > MARGIN); block++) {
      await this.judge(index, values, block);
      for (let i = block; i < values.length; i += BLOCKS) {
        const difference = (values[i] as number) - (this.values[i] as number);
        cases++;
        sum += difference;
        squares += difference * difference;
      }
      gain = sum / cases;
      error = Math.sqrt(Math.max(0, squares / cases - gain * gain) / cases);
    }
    const taken = gain > Math.max(MARGIN, error);
    if (taken) {
      this.best = settings;
      this.values = values;
    }
    return { gain, cases, taken };
  }

  /** Every {@link BLOCKS}th case from the given one on, then lets others have their turn. */
  private async judge(index: NeighbourIndex, values: Float64Array, block: number): Promise<void> {
    for (let i = block; i < this.cases.length; i += BLOCKS) {
      const { prefix, target } = this.cases[i] as NextItemCase;
      const place = index.suggest(prefix, CUTOFF).items.indexOf(target);
      values[i] = place < 0 ? 0 : 1 + 2 / (place + 1);
    }
    await setImmediate();
    this.signal?.throwIfAborted();
  }
}

function spread(cases: readonly NextItemCase[]): readonly NextItemCase[] {
  if (cases.length <= MAXIMUM_CASES) return cases;
  return Array.from(
    { length: MAXIMUM_CASES },
    (_, i) => cases[Math.floor(((i + 0.5) * cases.length) / MAXIMUM_CASES)] as NextItemCase,
  );
}
