import { estimateParts } from './bootstrap.js';
import type { JudgedCases } from './judge.js';
import type { RankMeasure } from './measures.js';
import type { Estimate, SliceFigures, SliceGroup } from './report.js';

/** A property of a case, and the least values of its slices, in rising order; the first is the least there is. */
interface Slicing {
  readonly by: string;
  readonly slices: readonly (readonly [from: number, label: string])[];
  readonly valueOf: (index: number) => number;
}

const MEASURES = ['precision', 'reciprocalRank'] as const satisfies readonly RankMeasure[];

/**
 * The cases parted by position in the session, by the target's clicks in training, and by whether it was seen before in the
 * session. Slices without a case are left out, so the others' cases add up to all.
 * @param clicks [items + 1], clicks in training by item index.
 */
export function sliceGroups(judged: JudgedCases, clicks: Float64Array, seed: number): SliceGroup[] {
  const slicings: Slicing[] = [
    {
      by: 'clicks seen',
      slices: [
        [1, '1 click seen'],
        [2, '2 clicks seen'],
        [3, '3 clicks seen'],
        [4, '4 to 5 clicks seen'],
        [6, '6 to 9 clicks seen'],
        [10, '10 clicks seen or more'],
      ],
      valueOf: (index) => judged.seen[index] as number,
    },
    {
      by: 'clicks of the target in training',
      slices: [
        [1, '1 to 4 clicks'],
        [5, '5 to 19 clicks'],
        [20, '20 to 99 clicks'],
        [100, '100 to 499 clicks'],
        [500, '500 clicks or more'],
      ],
      valueOf: (index) => clicks[judged.targets[index] as number] as number,
    },
    {
      by: 'target seen before in the session',
      slices: [
        [0, 'new in the session'],
        [1, 'seen before'],
      ],
      valueOf: (index) => judged.repeated[index] as number,
    },
  ];
  return slicings.map((slicing) => ({ by: slicing.by, slices: slice(judged, slicing, seed) }));
}

function slice(judged: JudgedCases, { slices, valueOf }: Slicing, seed: number): SliceFigures[] {
  const counts = slices.map(() => 0);
  const partOf = Uint8Array.from(judged.targets, (_, index) => {
    const part = slices.findLastIndex(([from]) => from <= valueOf(index));
    counts[part] = (counts[part] ?? 0) + 1;
    return part;
  });
  const estimates = estimateParts(judged, partOf, slices.length, MEASURES, seed);
  const names = [...judged.ranks.keys()];
  return slices.flatMap(([, label], part) => {
    const cases = counts[part] ?? 0;
    if (cases === 0) return [];
    const rankers = names.map((name, ranker) => {
      const [precision, reciprocalRank] = estimates[part]?.[ranker] as [Estimate, Estimate];
      return [name, { precision, reciprocalRank }] as const;
    });
    return [{ label, cases, rankers: Object.fromEntries(rankers) }];
  });
}
