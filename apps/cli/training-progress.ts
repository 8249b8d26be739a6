import type { TrainStoreOptions, TrainingStage } from '../trainer/index.js';
import { createProgress, type Progress } from './progress.js';

const TITLES: Readonly<Record<TrainingStage, string>> = {
  reading: 'Reading sessions',
  validation: 'Training without the newest sessions',
  training: 'Training',
  saving: 'Saving',
};

/** Shows a training run: a bar for each stage that takes long. `stop` ends it, whatever came. */
export function showTraining({ quiet }: { quiet: boolean }): {
  onProgress: NonNullable<TrainStoreOptions['onProgress']>;
  stop: () => void;
} {
  let shown: { stage: TrainingStage; bar: Progress } | undefined;
  return {
    onProgress: (stage, progress) => {
      if (shown?.stage !== stage) {
        shown?.bar.stop();
        shown = undefined;
      }
      if (!progress) return;
      shown ??= { stage, bar: createProgress({ title: TITLES[stage], unit: 'targets', quiet }) };
      const { epoch, epochs, loss, targetsDone, targetsTotal } = progress;
      const note = `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`;
      shown.bar.update({ done: targetsDone / targetsTotal, count: targetsDone, note });
    },
    stop: () => {
      shown?.bar.stop();
    },
  };
}
