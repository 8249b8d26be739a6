import type { Comparison } from './comparison.js';
import type { LoadCounts } from './steady-load.js';

/** What makes a night a bad one: nothing may be promoted in it. */
export type Trouble = 'garbage' | 'catalogue';

/** One night and the day after it. */
export interface Night {
  /** From 1. */
  readonly night: number;
  readonly trouble: Trouble | null;
  readonly outcome: string;
  readonly reason: string;
  readonly trainSeconds: number;
  /** From the end of the job until every process answered with the new model; null when nothing was promoted. */
  readonly swapMs: number | null;
  /** On the day after: the model then in service and the one of the first night. */
  readonly judged: Comparison;
  readonly load: LoadCounts;
}

/** Until then the frozen model need not be behind. */
const NIGHTS_OF_GRACE = 3;

/** Ahead is ahead in both measures. */
const isBehind = ({ judged: { promoted, frozen } }: Night): boolean =>
  promoted.p20 <= frozen.p20 || promoted.mrr20 <= frozen.mrr20;

/** The figures that the simulation is about. */
export interface Verdict {
  readonly nightsBehindFrozen: number;
  readonly badNightsPromoted: number;
  /** Nights without trouble that failed. */
  readonly goodNightsFailed: number;
}

export const verdictOn = (nights: readonly Night[]): Verdict => ({
  nightsBehindFrozen: nights.filter((each) => each.night > NIGHTS_OF_GRACE && isBehind(each)).length,
  badNightsPromoted: nights.filter(({ trouble, outcome }) => trouble !== null && outcome === 'promoted').length,
  goodNightsFailed: nights.filter(({ trouble, outcome }) => trouble === null && outcome === 'failed').length,
});

/** What should be and is not, in sentences. */
export function faultsOf(
  { nightsBehindFrozen, badNightsPromoted, goodNightsFailed }: Verdict,
  failedRequests: number,
): string[] {
  return [
    ...(nightsBehindFrozen > 0
      ? [`on ${nightsBehindFrozen} nights after the third the model in service did not beat the first one`]
      : []),
    ...(badNightsPromoted > 0 ? [`${badNightsPromoted} bad nights promoted a model`] : []),
    ...(goodNightsFailed > 0 ? [`${goodNightsFailed} nights without trouble failed`] : []),
    ...(failedRequests > 0 ? [`${failedRequests} requests failed`] : []),
  ];
}

/** A line for a person. */
export function describeNight({ night, trouble, outcome, reason, trainSeconds, swapMs, judged, load }: Night): string {
  const { promoted, frozen, leastAhead, known, cases } = judged;
  const number = (value: number): string => value.toFixed(1);
  const pair = (measure: 'p20' | 'mrr20'): string =>
    `${number(promoted[measure])} against ${number(frozen[measure])} (at least ${number(leastAhead[measure])} ahead; ` +
    `of known items ${number(known.promoted[measure])} against ${number(known.frozen[measure])})`;
  return [
    `Night ${night}${trouble === null ? '' : ` (${trouble})`}: ${outcome} in ${number(trainSeconds)} s${swapMs === null ? '' : `, answering after ${Math.round(swapMs)} ms`}. ${reason}`,
    `  the day after, ${cases.toLocaleString('en-US')} predictions: P@20 ${pair('p20')}, MRR@20 ${pair('mrr20')}`,
    `  ${load.requests.toLocaleString('en-US')} requests, ${load.failed} failed, p99 ${Math.round(load.p99Ms)} ms`,
  ].join('\n');
}
