export type { ItemCategories } from './answers.js';
export { baselineRankers } from './baselines/baselines.js';
export { pairedDifference } from './bootstrap.js';
export { evaluateRankers, type EvaluateRankersOptions, type RankersEvaluation } from './evaluate-rankers.js';
export type { ExampleIndexes } from './examples.js';
export { formatOf, nameOf } from './html/measures.js';
export { renderReport } from './html/page.js';
export type { JudgedCases, NamedRanker } from './judge.js';
export type { RankMeasure } from './measures.js';
export {
  evaluate,
  predictionCases,
  Tally,
  type EvaluationOptions,
  type PredictionCase,
  type Ranker,
  type RankingMetrics,
} from './protocol.js';
export * from './report.js';
