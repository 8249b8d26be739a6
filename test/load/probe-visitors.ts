import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '#domain';
import type { OutgoingRecord } from '#kafka';
import type { SimulatedEvent } from '#simulator';
import { interrupted } from './interrupted.js';
import { post } from './post.js';
import { toRecord } from './traffic.js';

/** Where the API answers. */
export interface ApiDoor {
  readonly url: string;
  readonly key: string;
}

/** That the visitors begin with. */
const DIFFERENT_ITEMS = 200;
const POLL_MS = 5;
const PATIENCE_MS = 30_000;

/** Visitors who click what is recommended to them, and see when the recommendations show it. */
export class ProbeVisitors {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(
    private readonly count: number,
    private readonly send: (records: readonly OutgoingRecord[]) => Promise<void>,
  ) {}

  /**
   * The event that begins each one's session.
   * @param history what the model will learn from; items that are seldom in it may be unknown to the model
   */
  views(history: readonly SimulatedEvent[]): OutgoingRecord[] {
    const items = mostViewed(history, DIFFERENT_ITEMS);
    return Array.from({ length: this.count }, (_, index) =>
      toRecord({
        eventId: `probe-view-${index}`,
        type: 'view',
        visitorId: visitorOf(index),
        itemId: items[index % items.length] ?? '',
        occurredAt: new Date().toISOString(),
      }),
    );
  }

  /**
   * Every visitor clicks once, spread by chance over a time in seconds.
   * @returns milliseconds from before each click was sent to the first answer that leaves the clicked item out
   */
  async clickAll(api: ApiDoor, seconds: number): Promise<number[]> {
    const random = new Random(1);
    try {
      return await Promise.all(
        Array.from({ length: this.count }, async (_, index) => {
          await pause(random.uniform() * seconds * 1000);
          return this.click(index, api);
        }),
      );
    } finally {
      this.agent.destroy();
    }
  }

  private async click(index: number, api: ApiDoor): Promise<number> {
    const visitorId = visitorOf(index);
    const [wanted] = await this.recommendations(visitorId, api);
    // The other sources are the same for all visitors and change by themselves.
    if (wanted?.source !== 'network' && wanted?.source !== 'neighbours') {
      throw new Error(`the model has no answer for ${visitorId}: ${JSON.stringify(wanted)}`);
    }
    const { itemId } = wanted;
    const click = { eventId: `probe-click-${index}`, type: 'click', visitorId, itemId } as const;
    const start = performance.now();
    await this.send([toRecord({ ...click, occurredAt: new Date().toISOString() })]);
    while ((await this.recommendations(visitorId, api)).some((other) => other.itemId === itemId)) {
      interrupted.throwIfAborted();
      if (performance.now() - start > PATIENCE_MS) {
        throw new Error(`the click of ${visitorId} was not seen within ${PATIENCE_MS / 1000} s`);
      }
      await pause(POLL_MS);
    }
    return performance.now() - start;
  }

  /** With `repeat` as it is by default, the item that the visitor looked at last is never among them. */
  private async recommendations(
    visitorId: string,
    { url, key }: ApiDoor,
  ): Promise<{ itemId: string; source: string }[]> {
    const { status, text } = await post(`${url}/v1/recommendations`, JSON.stringify({ visitorId }), key, this.agent);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return (JSON.parse(text) as { recommendations: { itemId: string; source: string }[] }).recommendations;
  }
}

function mostViewed(events: readonly SimulatedEvent[], count: number): string[] {
  const views = new Map<string, number>();
  for (const { type, itemId } of events) {
    if (type === 'view' && itemId !== undefined) views.set(itemId, (views.get(itemId) ?? 0) + 1);
  }
  const ranked = [...views].sort(([, a], [, b]) => b - a);
  return ranked.slice(0, count).map(([itemId]) => itemId);
}

const visitorOf = (index: number): string => `probe-${index}`;
