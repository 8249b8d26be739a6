import type { OnApplicationShutdown } from '@nestjs/common';
import { parseEvent, toRecordValue, type IntakeResult } from '#events';
import type { OutgoingRecord, StreamCluster, StreamWriter } from '#kafka';
import { MicroBatcher, parseEach } from '#platform';
import { Collector } from './collector.js';

const LARGEST_BATCH = 100;

/**
 * Puts the events of HTTP requests into Kafka, keyed by visitor; the ingest role stores them. What is accepted is on the brokers' disks.
 * An id that is known already, or an erased visitor, is found out only there: none but those of the same request count as duplicates here.
 */
export class StreamCollector extends Collector implements OnApplicationShutdown {
  /** Requests that arrive together are one request to the broker. */
  private readonly batcher = new MicroBatcher<readonly OutgoingRecord[], undefined>(
    (requests) => this.send(requests),
    LARGEST_BATCH,
  );
  private writer: Promise<StreamWriter> | undefined;

  constructor(
    private readonly cluster: StreamCluster,
    private readonly topic: string,
  ) {
    super();
  }

  override async accept(store: string, events: readonly unknown[]): Promise<IntakeResult> {
    const now = Date.now();
    const { good, rejected } = await parseEach(events, (plain) => {
      const parsed = parseEvent(store, plain, now);
      return parsed.value ? { value: { event: parsed.value, plain: plain as object } } : parsed;
    });
    const records = new Map<string, OutgoingRecord>();
    for (const { event, plain } of good) {
      if (!records.has(event.eventId)) {
        records.set(event.eventId, { key: event.visitorId, value: toRecordValue(store, plain) });
      }
    }
    if (records.size > 0) await this.batcher.ask([...records.values()]);
    return { accepted: records.size, duplicates: good.length - records.size, withheld: 0, rejected };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.idle();
    const [writer] = await Promise.allSettled([this.writer]);
    if (writer.status === 'fulfilled') await writer.value?.close();
    await this.cluster.close();
  }

  private async send(requests: readonly (readonly OutgoingRecord[])[]): Promise<undefined[]> {
    // Connected by the first event: recommendations must not wait for a broker.
    this.writer ??= this.cluster.openWriter();
    try {
      await (await this.writer).send(this.topic, requests.flat());
    } finally {
      const [opened] = await Promise.allSettled([this.writer]);
      if (opened.status === 'rejected') this.writer = undefined;
    }
    return requests.map(() => undefined);
  }
}
