import {
  pairedDifference,
  type Estimate,
  type JudgedCases,
  type RankMeasure,
  type RankersEvaluation,
} from '#evaluation';

/** Whether a model is put in service: if it is better, whatever comes out, or not at all (it is stored then, to be promoted by hand). */
export type PromotionRule = 'if-better' | 'always' | 'never';

/** How many of the targets were found among 20, and the mean of 1/rank, both in percent. */
interface GateFigures {
  readonly p20: number;
  readonly mrr20: number;
}

/** What decided whether a model is put in service. */
export interface GateRecord {
  /** The sessions that all were judged on; nobody had learnt from them. */
  readonly judged: { readonly from: string; readonly until: string; readonly sessions: number; readonly cases: number };
  /** In points: the challenger may be so much worse than the champion on average, and surely worse by half of it. */
  readonly margin: number;
  readonly challenger: GateFigures;
  /** The model in service; null when there is none that can be loaded. */
  readonly champion: (GateFigures & { readonly version: string }) | null;
  /** By name. */
  readonly baselines: Readonly<Record<string, GateFigures>>;
  /** Challenger minus champion in points, with 95% intervals of a paired bootstrap; null without a champion. */
  readonly differences: { readonly p20: Estimate; readonly mrr20: Estimate } | null;
  readonly passed: boolean;
  readonly why: string;
  /** What a person asked for, whatever the figures say. */
  readonly override: Exclude<PromotionRule, 'if-better'> | null;
}

/** The model in service. */
export interface JudgedChampion {
  readonly version: string;
  /** What it, or rather its challenger of then, found when it was made, in percent; absent where too little was there to judge by. */
  readonly p20Before?: number | undefined;
  /** The most that it found on a day of the week before the judged sessions, in percent; absent where it learnt from some of that week. */
  readonly p20OfWeek?: number | undefined;
}

/** The names in an evaluation. */
export const CHALLENGER = 'blend';
export const CHAMPION = 'champion';

/**
 * Points. The challenger lacks the newest day, which the model for service learns from, and two trainings never come out quite the same,
 * so a loss that no visitor notices is borne.
 */
export const MARGIN = 0.5;

/** A loss that is certain need not be borne as far as one that may be chance. */
const SURE_SHARE = 0.5;

/** Who finds fewer of the next items than this share of what was found when the champion was made has collapsed. */
const COLLAPSE = 0.5;

const PARTS = [CHALLENGER, CHAMPION, 'network', 'neighbours'];
const MEASURES = { p20: 'precision', mrr20: 'reciprocalRank' } as const satisfies Record<
  keyof GateFigures,
  RankMeasure
>;
const TITLES = { p20: 'P@20', mrr20: 'MRR@20' } as const;

type Differences = Readonly<Record<keyof GateFigures, Estimate>>;

/**
 * Compares a challenger with the champion, if it was judged too, and with the baselines, case by case (paired bootstrap of sessions).
 * It passes
 * - when it is not worse than the champion by more than the margin; see `worseThanChampion`;
 * - when the day is a fair judge; see `unfairDay`;
 * - and when it is better than each baseline by one measure and not surely worse by the other.
 * @param evaluation has the rankers `blend` (the challenger) and, where there is one, `champion`
 * @param inCatalogue whether the catalogue has the item of an index
 */
export function judgeGate(
  { judged, rankers, data }: Pick<RankersEvaluation, 'judged' | 'rankers' | 'data'>,
  champion: JudgedChampion | null,
  rule: PromotionRule,
  inCatalogue: (item: number) => boolean = () => false,
): GateRecord {
  const names = rankers.map(({ name }) => name);
  const figures = (name: string): GateFigures => {
    const measures = rankers.find((ranker) => ranker.name === name)?.measures;
    return { p20: 100 * (measures?.precision?.value ?? NaN), mrr20: 100 * (measures?.reciprocalRank?.value ?? NaN) };
  };
  const baselines = names.filter((name) => !PARTS.includes(name));
  const against = champion && names.includes(CHAMPION) ? differences(judged, CHAMPION) : null;
  const faults = [
    ...(against && champion
      ? [
          ...unfairDay(champion, figures(CHAMPION).p20, foundInCatalogue(judged, inCatalogue)),
          ...worseThanChampion(against),
        ]
      : []),
    ...baselines.flatMap((name) => notBetterThan(name, differences(judged, name))),
  ];
  const rivals = [...(against && champion ? [`the champion ${champion.version}`] : []), ...baselines].join(', ');
  return {
    judged: { from: data.from, until: data.until, sessions: data.sessions, cases: data.cases },
    margin: MARGIN,
    challenger: figures(CHALLENGER),
    champion: against && champion ? { version: champion.version, ...figures(CHAMPION) } : null,
    baselines: Object.fromEntries(baselines.map((name) => [name, figures(name)])),
    differences: against,
    passed: faults.length === 0,
    why:
      faults.length === 0
        ? `It held its own against ${rivals} on ${data.cases.toLocaleString('en')} predictions.`
        : `${faults.join('; ')}.`,
    override: rule === 'if-better' ? null : rule,
  };
}

/** In points. */
function differences(judged: JudgedCases, rival: string): Differences {
  const inPoints = (measure: RankMeasure): Estimate => {
    const { value, low, high } = pairedDifference(judged, [CHALLENGER, rival], measure);
    return { value: 100 * value, low: 100 * low, high: 100 * high };
  };
  return { p20: inPoints(MEASURES.p20), mrr20: inPoints(MEASURES.mrr20) };
}

/**
 * What speaks against a challenger that differs so from the champion, in points: by either measure a loss of more than the margin on
 * average, or of surely more than half of it (the whole 95% interval lies below).
 * - A large shop, whose intervals are a tenth of a point wide, is certain of every loss. One that is within the margin is no reason to
 *   serve yesterday's model; one that leaves most of the margin behind is, as nothing but the models can be its cause.
 * - A small shop, whose intervals are many points wide, is certain of nothing and judged by the average alone: a challenger that is as good
 *   gets through every second or third time. An interval that has to lie above the margin would keep it at its first model for ever.
 * @param margin above 0
 */
export function worseThanChampion(against: Differences, margin = MARGIN): string[] {
  const sure = SURE_SHARE * margin;
  return (['p20', 'mrr20'] as const).flatMap((measure) => {
    const { value, high } = against[measure];
    if (value >= -margin && high >= -sure) return [];
    const by = value < -margin ? `more than ${margin}` : `surely more than ${sure}`;
    return [`its ${TITLES[measure]} is ${by} points worse than the champion's: ${told(against[measure])}`];
  });
}

/**
 * What speaks against a day as a judge: the champion finds less than half of what was found when it was made, as on a day of garbage.
 * The day is fair all the same, and the champion outdated,
 * - when the challenger, which learnt from the days before, still finds half: visitors go on as they did then. For it only items in the
 *   catalogue count, as nothing is learnt faster than what a broken tracker or a bot sends over and over;
 * - or when the champion did no better on any day of the week before: what goes on for so long is how the shop is, and no shop may stay
 *   at an old model for ever.
 * @param found by the champion, in percent
 * @param foundByChallenger in percent, of which the targets are in the catalogue
 */
export function unfairDay(
  { p20Before = 0, p20OfWeek = Infinity }: JudgedChampion,
  found: number,
  foundByChallenger: number,
): string[] {
  const least = COLLAPSE * p20Before;
  if (Math.max(found, foundByChallenger) >= least || p20OfWeek < least) return [];
  return [
    `the newest day is unlike the days before: the champion finds ${found.toFixed(1)}% of the next items among 20, where ` +
      `${p20Before.toFixed(1)}% were found when it was made, and the challenger finds ${foundByChallenger.toFixed(1)}% that are in the catalogue`,
  ];
}

/** P@20 of the challenger in percent, where a target that the catalogue does not have counts as missed. */
function foundInCatalogue({ ranks, targets }: JudgedCases, inCatalogue: (item: number) => boolean): number {
  const found = ranks.get(CHALLENGER)?.filter((rank, index) => rank > 0 && inCatalogue(targets[index] ?? 0));
  return (100 * (found?.length ?? 0)) / targets.length;
}

/** What speaks against a challenger that differs so from a baseline. */
export function notBetterThan(name: string, against: Differences): string[] {
  const { p20, mrr20 } = against;
  if (Math.max(p20.value, mrr20.value) > 0 && Math.min(p20.high, mrr20.high) >= 0) return [];
  return [`it is not better than the baseline "${name}": P@20 ${told(p20)}, MRR@20 ${told(mrr20)}`];
}

const points = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
const told = ({ value, low, high }: Estimate): string =>
  `${points(value)} points (95%: ${points(low)} to ${points(high)})`;
