import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '#domain';
import type { StreamCluster, StreamWriter } from '#kafka';
import type { PlannedRecord } from './planned-record.js';

const RECORDS_PER_SEND = 400;
const PATIENCE_SECONDS = 120;

/** Sends a stream in order, each part again until it is acknowledged: so some of it may be there twice. */
export class Producer {
  /** Records that are acknowledged. */
  sent = 0;
  /** Parts that were sent once more. */
  repeated = 0;
  private allowed = 0;
  private closed = false;

  private constructor(
    private readonly writer: StreamWriter,
    private readonly topic: string,
    private readonly records: readonly PlannedRecord[],
  ) {}

  static async open(cluster: StreamCluster, topic: string, records: readonly PlannedRecord[]): Promise<Producer> {
    return new Producer(await cluster.openWriter(), topic, records);
  }

  /** It may send so many records in all. */
  allow(records: number): void {
    this.allowed = Math.max(this.allowed, Math.min(this.records.length, Math.ceil(records)));
  }

  /** Resolves when all records are acknowledged, or it was closed. */
  async run(): Promise<void> {
    while (this.sent < this.records.length && !this.closed) {
      const end = Math.min(this.allowed, this.sent + RECORDS_PER_SEND);
      if (end > this.sent) await this.send(this.records.slice(this.sent, end));
      else await pause(10);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writer.close();
  }

  private async send(records: readonly PlannedRecord[]): Promise<void> {
    const deadline = Date.now() + PATIENCE_SECONDS * 1_000;
    for (;;) {
      try {
        await this.writer.send(this.topic, records);
        this.sent += records.length;
        return;
      } catch (error) {
        if (this.closed) return;
        if (!(error instanceof DomainError && error.retriable) || Date.now() > deadline) throw error;
        this.repeated += 1;
        await pause(100);
      }
    }
  }
}
