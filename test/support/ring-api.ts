import { expect } from 'vitest';
import { ModelsInService, refreshPopularity } from '#recommender';
import { ModelRegistry } from '#registry';
import { startTestApi, type TestApi } from './api.js';
import { trainRingModel } from './tiny-model.js';

/** An item of an answer. */
export interface Recommended {
  readonly itemId: string;
  readonly score: number;
  readonly source: string;
  readonly factor?: number;
}

/** An answer as it comes over HTTP. */
export interface Answered {
  readonly placement?: string;
  readonly requestId: string;
  readonly model: string | null;
  readonly recommendations: readonly Recommended[];
}

/** The API of a shop whose visitors go round a ring of items, with a catalogue and a model in service. */
export class RingApi {
  private events = 0;

  private constructor(readonly api: TestApi) {}

  /**
   * The items are `ring-0`, `ring-1` ...; each costs its number, and is of one of four colours in turn. The first ones are the most popular.
   * The catalogue does not have `unlisted`, which the popular items have.
   */
  static async start(count = 60): Promise<RingApi> {
    const shop = new RingApi(await startTestApi());
    const items = Array.from({ length: count }, (_, i) => ringItem(i));
    await shop.put('/v1/items', { items });
    const views = items.flatMap(({ itemId }, i) => Array<string>(Math.max(1, 20 - i)).fill(itemId));
    await shop.happens([...views, 'unlisted'].map((itemId, i) => ({ visitorId: `fan-${i}`, type: 'view', itemId })));
    await refreshPopularity(shop.api.database.dataSource, 'default');
    const { draft, files } = await trainRingModel(count);
    await shop.api.app.get(ModelRegistry).saveAndPromote('default', draft, files, 'test');
    await shop.api.app.get(ModelsInService).refresh();
    return shop;
  }

  /** Stores something with the secret key; resolves to the answer. */
  async put(path: string, body: object): Promise<unknown> {
    const reply = await this.api.ask('PUT', path, { body });
    expect({ path, status: reply.status, text: reply.status === 200 ? '' : reply.text }).toEqual({
      path,
      status: 200,
      text: '',
    });
    return reply.body;
  }

  /** Sends events that happen now. */
  async happens(events: readonly { visitorId: string; type: string; itemId: string }[]): Promise<void> {
    const sent = events.map((event) => ({
      eventId: `event-${(this.events += 1)}`,
      occurredAt: new Date().toISOString(),
      ...event,
    }));
    const reply = await this.api.ask('POST', '/v1/events', { body: { events: sent } });
    expect(reply).toMatchObject({ status: 202, body: { accepted: events.length, rejected: [] } });
  }

  /** Asks as a storefront does. */
  async recommend(question: object): Promise<Answered> {
    return (await this.ask('/v1/recommendations', question)) as Answered;
  }

  /** Asks for several placements at once. */
  async recommendAll(question: object): Promise<readonly Answered[]> {
    return ((await this.ask('/v1/recommendations/batch', question)) as { answers: Answered[] }).answers;
  }

  stop(): Promise<void> {
    return this.api.stop();
  }

  private async ask(path: string, body: object): Promise<unknown> {
    const reply = await this.api.ask('POST', path, { key: this.api.publicKey, body });
    expect({ status: reply.status, text: reply.status === 200 ? '' : reply.text }).toEqual({ status: 200, text: '' });
    return reply.body;
  }
}

const colours = ['Red', 'Blue', 'Green', 'Black'] as const;

function ringItem(number: number) {
  return {
    itemId: `ring-${number}`,
    price: number,
    categories: ['All', colours[number % colours.length] ?? ''],
  };
}

/** The colour of an item; undefined of one that is not of the ring. */
export function colourOf(itemId: string): string | undefined {
  const [, number] = /^ring-(\d+)$/.exec(itemId) ?? [];
  return number === undefined ? undefined : ringItem(Number(number)).categories[1];
}

/** The filter for a colour. */
export const ofColour = (colour: (typeof colours)[number]): object => ({ field: 'categories', eq: colour });

export const idsOf = ({ recommendations }: Answered): string[] => recommendations.map(({ itemId }) => itemId);
