export { buildDataset, type Dataset, type DatasetOptions, type SessionItems } from './dataset.js';
export { splitByTime, type TimeSplit } from './split.js';
export { Vocabulary } from './vocabulary.js';
