export type { Checkpointing, Resumption, TrainingCheckpoint, TrainingPosition } from './checkpoint.js';
export { exportServingModel, importServingModel } from './export.js';
export { completeRecipe, defaultRecipe, type LstmRecipe } from './recipe.js';
export { type LstmModel } from './parameters.js';
export { type TrainingProgress } from './progress.js';
export { renumberItems } from './renumber.js';
export { Trainer, TrainingDivergedError, trainLstm, type TrainingOptions } from './train.js';
