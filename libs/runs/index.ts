export { CheckpointStore, type StoredCheckpoint } from './checkpoint-store.js';
export { TrainingCheckpointChunkEntity, TrainingCheckpointEntity } from './checkpoint.entities.js';
export { RunInProgress } from './run-in-progress.js';
export type { RunEnd, RunNotes } from './run-notes.js';
export { RunsModule } from './runs.module.js';
export { TrainingRunEntity } from './training-run.entity.js';
export type { RunOrigin, TrainingRun } from './training-run.js';
export { TrainingRuns } from './training-runs.js';
export { trainingFigures, type TrainingFigures } from './training-figures.js';
