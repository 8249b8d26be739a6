export { evaluateStore, type EvaluateStoreOptions, type EvaluateStoreResult } from './evaluate-store.js';
export type { ProgressListener, TrainingStage } from './progress.js';
export type { PromotionRule } from './gate.js';
export { storedReport } from './report.js';
export { runTraining, type TrainingRunResult } from './run-training.js';
export { trainStore, type TrainingPorts, type TrainStoreOptions, type TrainStoreResult } from './train-store.js';
