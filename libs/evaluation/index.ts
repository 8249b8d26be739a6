export {
  evaluate,
  predictionCases,
  Tally,
  type EvaluationOptions,
  type PredictionCase,
  type Ranker,
  type RankingMetrics,
} from './protocol.js';
