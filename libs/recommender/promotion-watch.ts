import { Logger } from '@nestjs/common';
import { reasonOf } from '#platform';
import type { ModelRegistry, PromotionNews } from '#registry';

const pollMs = 3_000;

/** Has what is in service read again at every news of a promotion and, because news can get lost, every few seconds. */
export class PromotionWatch {
  private readonly logger = new Logger(PromotionWatch.name);
  private readonly news: PromotionNews;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    registry: Pick<ModelRegistry, 'hearPromotions'>,
    private readonly refresh: () => Promise<void>,
  ) {
    this.news = registry.hearPromotions(() => void this.read());
    this.poll();
  }

  stop(): void {
    this.stopped = true;
    this.news.stop();
    clearTimeout(this.timer);
  }

  private poll(): void {
    this.timer = setTimeout(() => {
      void this.read().then(() => {
        if (!this.stopped) this.poll();
      });
    }, pollMs).unref();
  }

  private async read(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn(`Which models are in service could not be read: ${reasonOf(error)}`);
    }
  }
}
