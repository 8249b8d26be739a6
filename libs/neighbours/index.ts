export { type Suggestions } from './evidence.js';
export { NeighbourIndex } from './neighbour-index.js';
export { completeNeighbourSettings, defaultNeighbourSettings, type NeighbourSettings } from './settings.js';
export { tuneNeighbours, type NextItemCase, type TuningOptions, type TuningTrial } from './tune.js';
