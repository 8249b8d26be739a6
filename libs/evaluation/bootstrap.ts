import { InvalidInputError, Random } from '#domain';
import type { JudgedCases } from './judge.js';
import { valueOf, type RankMeasure } from './measures.js';
import type { Estimate } from './report.js';

/** How often the cases are drawn anew. The ends of the interval then vary by some 4% of its width from seed to seed. */
const RESAMPLES = 1_000;
/**
 * Of more sessions than this, random groups are drawn instead of single ones. A group is as independent of the others as a
 * session is, and the variance of the mean is the same, so the interval is too; time and memory no longer grow with the sessions.
 * (Random groups: Wolter, Introduction to Variance Estimation, 2007, chapter 2.)
 */
const MOST_CLUSTERS = 2_048;
/** Of 95%: what is cut off at each end. */
const TAIL = 0.025;

/** The share of one column's sum in another's. */
interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** Sums by cluster: what is drawn together because it is not independent. */
interface ClusterSums {
  /** [clusters, columns] */
  readonly sums: Float64Array;
  readonly clusters: number;
  readonly columns: number;
}

/** Estimates by part, ranker and measure: `[part][ranker][measure]`. NaN for a part without cases. */
type PartEstimates = readonly (readonly (readonly Estimate[])[])[];

/**
 * The means of measures over parts of the cases, with 95% percentile intervals from a bootstrap of whole sessions (Efron and
 * Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; of clusters: Davison and Hinkley, Bootstrap Methods and their
 * Application, 1997, section 3.8). The cases of a session share its visitor and its items, so they are not independent: drawing
 * single cases would give intervals that are too narrow.
 * Where every case of a part has the same value the interval is that value, however few the cases are.
 * @param partOf [cases], which part each case is in, from 0.
 */
export function estimateParts(
  judged: JudgedCases,
  partOf: Uint8Array,
  parts: number,
  measures: readonly RankMeasure[],
  seed: number,
): PartEstimates {
  const rankers = [...judged.ranks.values()];
  const width = 1 + rankers.length * measures.length; // the cases, then every measure of every ranker
  const values = measures.map((measure) =>
    Float64Array.from({ length: judged.cutoff + 1 }, (_, rank) => valueOf(measure, rank)),
  );
  const random = new Random(seed);
  const table = sumByCluster(judged, parts * width, random, (add, index) => {
    const start = (partOf[index] as number) * width;
    add(start, 1);
    let column = start + 1;
    for (const ranks of rankers) {
      for (const value of values) add(column++, value[ranks[index] as number] as number);
    }
  });
  const ratios = Array.from({ length: parts }, (_, part) =>
    Array.from({ length: width - 1 }, (_, column) => ({
      numerator: part * width + 1 + column,
      denominator: part * width,
    })),
  );
  const estimates = estimateRatios(table, ratios.flat(), random);
  return ratios.map((_, part) =>
    rankers.map((_, ranker) => {
      const first = part * (width - 1) + ranker * measures.length;
      return estimates.slice(first, first + measures.length);
    }),
  );
}

/**
 * By how much one ranker is better than another on the same cases: the mean difference of a measure, `first` minus `second`, with
 * its 95% bootstrap interval. Both are judged on each draw of sessions, so what makes a case hard for both cancels out, and the
 * interval is narrower than those of the two means suggest. Above 0 (`low > 0`) the first is better.
 * @throws InvalidInputError `ranker_unknown` when a name is not among the judged.
 */
export function pairedDifference(
  judged: JudgedCases,
  [first, second]: readonly [string, string],
  measure: RankMeasure,
  seed = 1,
): Estimate {
  const better = ranksOf(judged, first);
  const worse = ranksOf(judged, second);
  const random = new Random(seed);
  const table = sumByCluster(judged, 2, random, (add, index) => {
    add(0, 1);
    add(1, valueOf(measure, better[index] as number) - valueOf(measure, worse[index] as number));
  });
  return estimateRatios(table, [{ numerator: 1, denominator: 0 }], random)[0] as Estimate;
}

function ranksOf({ ranks }: JudgedCases, name: string): Int32Array {
  const found = ranks.get(name);
  if (found) return found;
  throw new InvalidInputError(
    'ranker_unknown',
    `There is no ranker called "${name}"; those that were judged: ${[...ranks.keys()].join(', ')}`,
    { name },
  );
}

function sumByCluster(
  { sessionOf }: JudgedCases,
  columns: number,
  random: Random,
  addCase: (add: (column: number, value: number) => void, index: number) => void,
): ClusterSums {
  const { clusterOf, clusters } = clusterCases(sessionOf, random);
  const sums = new Float64Array(clusters * columns);
  let row = 0;
  const add = (column: number, value: number): void => {
    sums[row + column] = (sums[row + column] as number) + value;
  };
  for (let index = 0; index < sessionOf.length; index++) {
    row = (clusterOf[index] as number) * columns;
    addCase(add, index);
  }
  return { sums, clusters, columns };
}

/** [cases], which cluster each case is in: its session, or a random group of sessions of equal size. */
function clusterCases(sessionOf: Int32Array, random: Random): { clusterOf: Int32Array; clusters: number } {
  const clusterOf = new Int32Array(sessionOf.length);
  let sessions = 0;
  for (let index = 0; index < sessionOf.length; index++) {
    if (index === 0 || sessionOf[index] !== sessionOf[index - 1]) sessions++;
    clusterOf[index] = sessions - 1;
  }
  if (sessions <= MOST_CLUSTERS) return { clusterOf, clusters: sessions };
  const groupOf = Int32Array.from({ length: sessions }, (_, session) => session % MOST_CLUSTERS);
  random.shuffle(groupOf);
  return { clusterOf: clusterOf.map((session) => groupOf[session] as number), clusters: MOST_CLUSTERS };
}

function estimateRatios(
  { sums, clusters, columns }: ClusterSums,
  ratios: readonly Ratio[],
  random: Random,
): Estimate[] {
  const totals = new Float64Array(columns);
  const addRow = (cluster: number): void => {
    const start = cluster * columns;
    for (let column = 0; column < columns; column++) {
      totals[column] = (totals[column] as number) + (sums[start + column] as number);
    }
  };
  const share = ({ numerator, denominator }: Ratio): number =>
    (totals[numerator] as number) / (totals[denominator] as number);

  for (let cluster = 0; cluster < clusters; cluster++) addRow(cluster);
  const values = ratios.map(share);
  const drawn = ratios.map(() => new Float64Array(RESAMPLES));
  for (let resample = 0; resample < RESAMPLES; resample++) {
    totals.fill(0);
    for (let draw = 0; draw < clusters; draw++) addRow(random.integer(clusters));
    for (const [place, ratio] of ratios.entries()) (drawn[place] as Float64Array)[resample] = share(ratio);
  }
  return values.map((value, place) => interval(value, drawn[place] as Float64Array));
}

/** Draws without a case of the part are no number; sorting puts them last, and they don't count. */
function interval(value: number, drawn: Float64Array): Estimate {
  drawn.sort();
  const end = drawn.findIndex(Number.isNaN);
  const counted = end === -1 ? drawn : drawn.subarray(0, end);
  return { value, low: quantile(counted, TAIL), high: quantile(counted, 1 - TAIL) };
}

/** Between two values, on the straight line between them. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}
