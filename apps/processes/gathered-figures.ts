import type { Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import { isMessage, type Figures, type Message } from './messages.js';

/** Milliseconds; a process that is slower than that, or just starting, is left out. */
const patience = 2_000;

/**
 * The figures of several processes as one. What a process had counted when it was last asked stays in the sums after its end, so that
 * no counter ever goes back: Prometheus would take that for a restart, and count everything twice.
 */
export class GatheredFigures {
  private readonly latest = new Map<number, Figures>();
  private readonly waiting = new Map<number, (figures: Figures | null) => void>();
  private departed: Figures = [];
  private questions = 0;

  /** Answers a process's question, or takes its answer. */
  async hear(worker: Worker, message: unknown, workers: () => readonly Worker[]): Promise<void> {
    if (!isMessage(message)) return;
    if (message.type === 'nextpick:own-figures') this.waiting.get(message.id)?.(message.figures);
    if (message.type === 'nextpick:ask-figures') {
      const text = await this.gather(workers());
      if (worker.isConnected()) worker.send({ type: 'nextpick:all-figures', id: message.id, text } satisfies Message);
    }
  }

  /** To be called when a process has ended. */
  async leave({ id }: Worker): Promise<void> {
    const counted = this.latest.get(id)?.filter(({ type }) => String(type) !== 'gauge') ?? [];
    this.latest.delete(id);
    this.departed = await AggregatorRegistry.aggregate([this.departed, counted]).getMetricsAsJSON();
  }

  private async gather(workers: readonly Worker[]): Promise<string> {
    const figures = await Promise.all(workers.map((worker) => this.ask(worker)));
    const told = figures.flatMap((each) => (each ? [each] : []));
    return AggregatorRegistry.aggregate([...told, this.departed]).metrics();
  }

  private async ask(worker: Worker): Promise<Figures | null> {
    const id = ++this.questions;
    const figures = await new Promise<Figures | null>((resolve) => {
      const timer = setTimeout(resolve, patience, null);
      this.waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      if (worker.isConnected()) worker.send({ type: 'nextpick:ask-own-figures', id } satisfies Message);
    });
    this.waiting.delete(id);
    // One that is slow this time has not forgotten what it counted.
    if (figures && !worker.isDead()) this.latest.set(worker.id, figures);
    return figures ?? this.latest.get(worker.id) ?? null;
  }
}
