import type { TrainingRun } from '#runs';

/** How far a run was, as its record says. */
export interface CheckpointMark {
  readonly stage: string;
  /** Of the training of that stage, from 0 to 1. */
  readonly share: number;
  /** ISO 8601. */
  readonly at: string;
}

/** The last checkpoint that a run wrote; null without one. */
export const checkpointOf = ({ details }: TrainingRun): CheckpointMark | null =>
  (details.checkpoint as CheckpointMark | undefined) ?? null;

/** What a run went on from; null when it began anew. */
export const resumedOf = ({ details }: TrainingRun): (CheckpointMark & { readonly run: string }) | null =>
  (details.resumed as (CheckpointMark & { readonly run: string }) | undefined) ?? null;

/**
 * A run goes on from the last checkpoint that was written since the last run that succeeded, and from nothing else. What a run that
 * was killed while it still read would have gone on from, the next one goes on from.
 * @param runs the oldest first
 * @returns what was otherwise, in sentences
 */
export function resumptionFaults(runs: readonly TrainingRun[]): string[] {
  const faults: string[] = [];
  let last: (CheckpointMark & { readonly run: string }) | null = null;
  for (const run of runs) {
    const resumed = resumedOf(run);
    const hasRead = run.stage !== null && run.stage !== 'reading';
    if ((hasRead || resumed !== null) && tell(resumed) !== tell(last)) {
      faults.push(`run ${run.id} went on from ${tell(resumed)}, but must from ${tell(last)}`);
    }
    const written = checkpointOf(run);
    if (run.outcome !== 'failed') last = null;
    else if (written) last = { ...written, run: run.id };
  }
  return faults;
}

const tell = (mark: (CheckpointMark & { readonly run: string }) | null): string =>
  mark === null ? 'nothing' : `${mark.share} of ${mark.stage} by run ${mark.run}`;
