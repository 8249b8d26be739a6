export {
  buildDataset,
  encodeSessions,
  type Dataset,
  type DatasetOptions,
  type ReadSessions,
  type SessionItems,
} from './dataset.js';
export { alternate, splitByTime, type TimeSplit } from './split.js';
export { Vocabulary } from './vocabulary.js';
