export { modelFiles, ScoringModel, type ModelParts } from './model.js';
export { NEIGHBOUR_ITEMS, Scorer, type ScoringAnswer, type ScoringQuestion } from './scorer.js';
