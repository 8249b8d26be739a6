export { exportServingModel } from './export.js';
export { completeRecipe, defaultRecipe, type LstmRecipe } from './recipe.js';
export { type LstmModel } from './parameters.js';
export { type TrainingProgress } from './progress.js';
export { Trainer, TrainingDivergedError, trainLstm, type TrainingOptions } from './train.js';
