import type { ProgressListener, TrainingStage } from '../trainer/index.js';
import { createProgress, type Progress } from './progress.js';

const TITLES: Readonly<Record<TrainingStage, { readonly title: string; readonly unit: string }>> = {
  reading: { title: 'Reading sessions', unit: 'sessions' },
  searching: { title: 'Searching a recipe', unit: 'trials' },
  validation: { title: 'Training without the newest sessions', unit: 'targets' },
  choosing: { title: 'Choosing neighbours and blend', unit: 'trials' },
  judging: { title: 'Judging', unit: 'cases' },
  training: { title: 'Training', unit: 'targets' },
  saving: { title: 'Saving', unit: 'files' },
};

/** Shows a training run: a bar for each stage that takes long. `stop` ends it, whatever came. */
export function showTraining({ quiet }: { quiet: boolean }): { onProgress: ProgressListener; stop: () => void } {
  let shown: { stage: TrainingStage; bar: Progress } | undefined;
  return {
    onProgress: (stage, progress) => {
      if (shown?.stage !== stage) {
        shown?.bar.stop();
        shown = undefined;
      }
      if (!progress) return;
      shown ??= { stage, bar: createProgress({ ...TITLES[stage], quiet }) };
      shown.bar.update(progress);
    },
    stop: () => {
      shown?.bar.stop();
    },
  };
}
