import { setTimeout as pause } from 'node:timers/promises';
import type { OutgoingRecord } from '#kafka';
import type { SimulatedEvent } from '#simulator';
import type { OwnBroker } from './own-broker.js';

const TICK_MS = 20;

/** An event as a shop sends it to Kafka: in the order of its visitor's. */
export function toRecord(event: SimulatedEvent): OutgoingRecord {
  return { key: event.visitorId, value: JSON.stringify(event) };
}

/**
 * Does the events again, now and in their order, from the first again after the last, until aborted.
 * @param rate events a second
 */
export function sendLive(
  { topic, withWriter }: OwnBroker,
  events: readonly SimulatedEvent[],
  rate: number,
  signal: AbortSignal,
): Promise<void> {
  return withWriter(async (writer) => {
    const start = performance.now();
    let sent = 0;
    while (!signal.aborted) {
      const due = Math.floor((rate * (performance.now() - start)) / 1000) - sent;
      const occurredAt = new Date().toISOString();
      const records = Array.from({ length: due }, () => {
        const event = events[sent % events.length];
        sent += 1;
        return event ? [toRecord({ ...event, eventId: `live-${sent}`, occurredAt })] : [];
      });
      await writer.send(topic, records.flat());
      await pause(TICK_MS);
    }
  });
}
