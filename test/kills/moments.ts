/**
 * What the job does when it is killed: its stages, of which `promoting` is the end of the one that its record calls `saving`; and there the
 * record of a run ends that has promoted.
 */
export const MOMENTS = [
  'reading',
  'validation',
  'choosing',
  'judging',
  'training',
  'saving',
  'promoting',
  'keeping house',
] as const;

export type Moment = (typeof MOMENTS)[number];
