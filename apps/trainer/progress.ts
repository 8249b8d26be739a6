/**
 * What training is doing. `searching` tries recipes; `validation` trains without the newest sessions, which then serve for
 * `choosing` the neighbours' settings and the blend, and for `judging` the result.
 */
export type TrainingStage = 'reading' | 'searching' | 'validation' | 'choosing' | 'judging' | 'training' | 'saving';

/** How far a stage is. */
interface StageProgress {
  /** 0 to 1. */
  readonly done: number;
  /** Targets, trials or cases so far. */
  readonly count: number;
  readonly note: string;
}

/** Hears of every stage once without and then, where it takes long, many times with its progress. */
export type ProgressListener = (stage: TrainingStage, progress?: StageProgress) => void;
