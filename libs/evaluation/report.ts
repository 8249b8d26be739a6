/** The measures of a ranking, each a mean over cases unless said otherwise. Cutoff k is the report's. */
export const MEASURES = [
  /** P@k = HR@k = Recall@k with one target a case: the share of targets among the first k. */
  'precision',
  /** MRR@k: the mean of 1 / rank, 0 beyond k. */
  'reciprocalRank',
  /** NDCG@k with one relevant item: the mean of 1 / log2(1 + rank), 0 beyond k. */
  'discountedGain',
  /** The share of the catalogue that came up in any answer. */
  'coverage',
  /** The mean popularity rank of what was recommended: 0 for the least clicked item of the catalogue, 1 for the most clicked. */
  'popularity',
  /** The mean self-information of what was recommended, -log2 of its share of the training clicks, in bits. */
  'novelty',
  /** The mean share of pairs within an answer that have no category in common; absent where no categories are known. */
  'diversity',
] as const;

export type Measure = (typeof MEASURES)[number];

/** A measured value with the bounds of its 95% bootstrap interval; both equal the value where no interval was taken. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How one ranker did over all cases. */
export interface RankerFigures {
  /** As shown: `blend`, `network`, `neighbours`, `markov`, `item-kNN`, `recently popular`, `popular`. */
  readonly name: string;
  readonly measures: Readonly<Partial<Record<Measure, Estimate>>>;
}

/** A part of the cases, such as `2 clicks seen`. */
export interface SliceFigures {
  readonly label: string;
  readonly cases: number;
  /** By ranker name. */
  readonly rankers: Readonly<Record<string, { readonly precision: Estimate; readonly reciprocalRank: Estimate }>>;
}

/** Slices that part all cases by one property. */
export interface SliceGroup {
  /** `clicks seen`, `clicks of the target in training`, `target seen before in the session`. */
  readonly by: string;
  readonly slices: readonly SliceFigures[];
}

/** After one epoch of the training that was judged. */
export interface CurvePoint {
  readonly epoch: number;
  /** Mean training loss of the epoch, in nats. */
  readonly loss: number;
  /** On the held-out cases (or a fixed part of them); absent where not measured. */
  readonly validation?: { readonly precision: number; readonly reciprocalRank: number };
}

/** A tenth of the catalogue, by how often its items were clicked. */
export interface PopularityBand {
  /** `1` for the most clicked tenth of the items to `10` for the least clicked. */
  readonly band: number;
  /** Shares from 0 to 1: of the training clicks, of the targets, of what the first ranker recommended. */
  readonly clicks: number;
  readonly targets: number;
  readonly recommended: number;
}

export interface ExampleItem {
  readonly itemId: string;
  /** From the catalogue; null where it has none. */
  readonly title: string | null;
}

/** One case with the answer of the first ranker. */
export interface ExampleCase {
  /** Oldest first. */
  readonly seen: readonly ExampleItem[];
  readonly target: ExampleItem;
  /** From 1; null when the target was not among the first k. */
  readonly rank: number | null;
  /** The first few, best first. */
  readonly recommended: readonly ExampleItem[];
}

/** How good a model is and where it is not: what `nextpick evaluate` prints, as data. */
export interface EvaluationReport {
  readonly formatVersion: 1;
  readonly store: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** What was judged on what, in a sentence. */
  readonly subject: string;
  readonly cutoff: number;
  readonly data: {
    readonly trainingSessions: number;
    readonly trainingClicks: number;
    readonly items: number;
    readonly sessions: number;
    readonly cases: number;
    /** ISO 8601: the first and last end of the judged sessions. */
    readonly from: string;
    readonly until: string;
  };
  /** What is recommended to visitors comes first, then its parts, then the baselines. */
  readonly rankers: readonly RankerFigures[];
  readonly slices: readonly SliceGroup[];
  /** Empty where no training curve is known. */
  readonly curve: readonly CurvePoint[];
  readonly popularity: readonly PopularityBand[];
  readonly examples: readonly ExampleCase[];
}
