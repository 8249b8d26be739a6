export { evaluateStore, type EvaluateStoreOptions, type EvaluateStoreResult } from './evaluate-store.js';
export type { ProgressListener, TrainingStage } from './progress.js';
export { storedReport } from './report.js';
export { trainStore, type TrainingPorts, type TrainStoreOptions, type TrainStoreResult } from './train-store.js';
