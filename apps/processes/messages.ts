import type { MetricObjectWithValues, MetricValue } from 'prom-client';

/** What a process measured, as prom-client tells it. */
export type Figures = MetricObjectWithValues<MetricValue<string>>[];

/** Between the processes of one `serve`. A question and its answer have the same id. */
export type Message =
  /** From a process to the first: somebody asks it for the figures of all. */
  | { readonly type: 'nextpick:ask-figures'; readonly id: number }
  /** The answer, as text for Prometheus. */
  | { readonly type: 'nextpick:all-figures'; readonly id: number; readonly text: string }
  /** From the first to a process: its own figures, please. */
  | { readonly type: 'nextpick:ask-own-figures'; readonly id: number }
  | { readonly type: 'nextpick:own-figures'; readonly id: number; readonly figures: Figures };

/** Whether a message is one of ours. */
export function isMessage(message: unknown): message is Message {
  const type = (message as { type?: unknown } | null)?.type;
  return typeof type === 'string' && type.startsWith('nextpick:');
}
