import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from 'kafkajs';
import type { KafkaLogger } from './client.js';

const INTERVAL_MS = 5_000;
const LAST_COMMIT_TIMEOUT_MS = 2_000;

/** Lets the group's offsets in Kafka follow what is done. A commit that fails is no loss: the next one says more. */
export class OffsetCommits {
  private readonly uncommitted = new Map<number, number>();
  private topic = '';
  private timer: NodeJS.Timeout | undefined;
  private committing: Promise<void> | undefined;

  constructor(
    private readonly consumer: Consumer,
    private readonly logger: KafkaLogger,
  ) {}

  /** Begins anew after an assignment. */
  begin(topic: string): void {
    this.topic = topic;
    this.uncommitted.clear();
    this.timer ??= setInterval(() => {
      this.committing ??= this.commit().finally(() => (this.committing = undefined));
    }, INTERVAL_MS);
  }

  done(partition: number, next: number): void {
    this.uncommitted.set(partition, next);
  }

  /** The last commit, unless the brokers take long. */
  async finish(): Promise<void> {
    this.end();
    await Promise.race([this.commit(), pause(LAST_COMMIT_TIMEOUT_MS, undefined, { ref: false })]);
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async commit(): Promise<void> {
    const offsets = [...this.uncommitted];
    if (offsets.length === 0) return;
    try {
      await this.consumer.commitOffsets(
        offsets.map(([partition, next]) => ({ topic: this.topic, partition, offset: String(next) })),
      );
      for (const [partition, next] of offsets) {
        if (this.uncommitted.get(partition) === next) this.uncommitted.delete(partition);
      }
    } catch (error) {
      this.logger.debug?.(`The group's offsets were not committed: ${(error as Error).message}`);
    }
  }
}
