import type { BlendWeights } from '#blend';
import type { CurvePoint } from '#evaluation';
import type { NeighbourSettings } from '#neighbours';
import type { ModelReport } from '#registry';
import type { GateRecord } from './gate.js';

/** What came of the judging of a challenger, for the model that is put in service after it. Plain data. */
export interface Judgement {
  readonly gate: GateRecord;
  readonly neighbours: NeighbourSettings;
  readonly blend: BlendWeights;
  readonly curve: readonly CurvePoint[];
  /** `p20` and `mrr20` of the challenger, in percent. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly report: ModelReport;
}
