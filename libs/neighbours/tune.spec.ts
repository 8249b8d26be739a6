import { describe, expect, it } from 'vitest';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { NeighbourIndex } from './neighbour-index.js';
import { defaultNeighbourSettings } from './settings.js';
import { tuneNeighbours, type NextItemCase, type TuningTrial } from './tune.js';

const DAY = 86_400_000;
const GROUPS = 12;

/**
 * A shop whose fashion changed 60 days ago: what followed each group's first item then, eight times, nobody looks at any
 * more; what follows it now has been seen twice.
 */
function shopWithFashion(): { index: NeighbourIndex; cases: NextItemCase[] } {
  const groups = Array.from({ length: GROUPS }, (_, group) => 3 * group + 1);
  const old = groups.flatMap((item) => Array.from({ length: 8 }, () => [item, item + 1]));
  const recent = groups.flatMap((item) => Array.from({ length: 2 }, () => [item, item + 2]));
  const endedAt = [...old.map(() => 0), ...recent.map(() => 60 * DAY)];
  return {
    index: NeighbourIndex.build(encodeSessions([...old, ...recent], endedAt), 3 * GROUPS),
    cases: groups.map((item) => ({ prefix: [item], target: item + 2 })),
  };
}

const placesOf = (index: NeighbourIndex, cases: readonly NextItemCase[]): number[] =>
  cases.map(({ prefix, target }) => 1 + index.suggest(prefix, 20).items.indexOf(target));

describe('tuneNeighbours', () => {
  it('finds that only new sessions matter, and tells of each trial', async () => {
    const { index, cases } = shopWithFashion();
    expect(Math.min(...placesOf(index, cases))).toBeGreaterThan(1);
    const trials: TuningTrial[] = [];
    const settings = await tuneNeighbours(index, cases, { onTrial: (trial) => trials.push(trial) });
    expect(settings.recencyDays).toBeLessThan(defaultNeighbourSettings.recencyDays);
    expect(placesOf(index.withSettings(settings), cases)).toEqual(cases.map(() => 1));
    expect(trials.map(({ trial }) => trial)).toEqual(trials.map((_, place) => place + 1));
    expect(trials.findLast(({ taken }) => taken)?.settings).toEqual(settings);
    expect(trials.every(({ gain, taken }) => taken === gain > 0.0002)).toBe(true);
  });

  it('gives the same for the same, and leaves the index as it is', async () => {
    const { index, cases } = shopWithFashion();
    const runs: TuningTrial[][] = [[], []];
    for (const run of runs) await tuneNeighbours(index, cases, { onTrial: (trial) => run.push(trial) });
    expect(runs[0]).toEqual(runs[1]);
    expect(index.settings).toEqual(defaultNeighbourSettings);
  });

  it('keeps the settings when nothing is better', async () => {
    const { index } = shopWithFashion();
    const settings = await tuneNeighbours(index, [{ prefix: [2], target: 5 }]);
    expect(settings).toEqual(defaultNeighbourSettings);
  });

  it('tries no more settings, and looks at no more cases, than it may', async () => {
    const { index, cases } = shopWithFashion();
    const many = Array.from({ length: 400 }, () => cases).flat();
    const trials: TuningTrial[] = [];
    await tuneNeighbours(index, many, { trials: 3, onTrial: (trial) => trials.push(trial) });
    expect(trials).toHaveLength(3);
    expect(Math.max(...trials.map((trial) => trial.cases))).toBe(4000);
  });

  it('refuses to tune on nothing', async () => {
    await expect(tuneNeighbours(shopWithFashion().index, [])).rejects.toMatchObject({ code: 'tuning_cases_missing' });
  });

  it('stops when it is told to', async () => {
    const { index, cases } = shopWithFashion();
    const abort = new AbortController();
    const seen: number[] = [];
    const onTrial = ({ trial }: TuningTrial): void => {
      seen.push(trial);
      abort.abort(new Error('enough'));
    };
    await expect(tuneNeighbours(index, cases, { onTrial, signal: abort.signal })).rejects.toThrow('enough');
    expect(seen).toEqual([1]);
  });
});
