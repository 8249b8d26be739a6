import cluster from 'node:cluster';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Registry } from 'prom-client';
import { DomainError } from '#domain';
import { isMessage, type Message } from './messages.js';

/** Milliseconds. The first process does not wait as long for the others. */
const patience = 5_000;

/** The figures for Prometheus: of this process, or, where several share the port, of all of them together. */
@Injectable()
export class SharedFigures implements OnApplicationShutdown {
  private readonly asked = new Map<number, (text: string) => void>();
  private questions = 0;
  private readonly hear = (message: unknown): void => {
    if (!isMessage(message)) return;
    if (message.type === 'nextpick:all-figures') this.asked.get(message.id)?.(message.text);
    if (message.type === 'nextpick:ask-own-figures') void this.tellOwn(message.id);
  };

  constructor(@Inject(Registry) private readonly registry: Registry) {
    if (cluster.isWorker) process.on('message', this.hear);
  }

  onApplicationShutdown(): void {
    process.off('message', this.hear);
  }

  /** @throws DomainError `figures_unavailable` when the first process does not answer */
  async read(): Promise<string> {
    if (!cluster.isWorker) return this.registry.metrics();
    const id = ++this.questions;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        this.asked.set(id, resolve);
        timer = setTimeout(() => {
          reject(new DomainError('unavailable', 'figures_unavailable', 'The first process did not answer. Ask again.'));
        }, patience);
        tell({ type: 'nextpick:ask-figures', id });
      });
    } finally {
      clearTimeout(timer);
      this.asked.delete(id);
    }
  }

  private async tellOwn(id: number): Promise<void> {
    tell({ type: 'nextpick:own-figures', id, figures: await this.registry.getMetricsAsJSON() });
  }
}

/** When the first process is gone there is nobody to tell, and this one stops. */
function tell(message: Message): void {
  if (process.connected) process.send?.(message);
}
