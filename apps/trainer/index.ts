export {
  trainStore,
  type TrainingPorts,
  type TrainingStage,
  type TrainStoreOptions,
  type TrainStoreResult,
} from './train-store.js';
