import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventType, ShopEvent } from '#domain';
import { EventIntake } from '#events';
import { SessionStore, type TrainingSession, type TrainingWindow } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

let counter = 0;

function event(visitorId: string, minute: number, itemId: string, more: Partial<ShopEvent> = {}): ShopEvent {
  counter += 1;
  return {
    store: 's',
    eventId: `e${counter}`,
    type: 'view',
    visitorId,
    items: [{ itemId }],
    occurredAt: START + minute * MINUTE,
    ...more,
  };
}

describe('SessionStore', () => {
  let database: TestDatabase;
  let store: SessionStore;
  const write = (...events: ShopEvent[]): Promise<unknown> => new EventIntake(database.dataSource, store).write(events);

  beforeAll(async () => {
    database = await createTestDatabase();
    store = new SessionStore(database.dataSource, 30 * MINUTE);
  });
  afterAll(async () => {
    await database.drop();
  });

  describe('openSession', () => {
    beforeAll(async () => {
      await write(
        event('v', 0, 'a'),
        event('v', 100, 'b'),
        event('v', 101, 'c', { type: 'add_to_cart' }),
        event('v', 50, 'd', { sessionId: 'x' }),
        event('w', 500, 'e'),
      );
    });

    const open = async (visitorId: string, minute: number, sessionId?: string): Promise<string | undefined> =>
      (
        await store.openSession(
          's',
          { visitorId, ...(sessionId !== undefined && { sessionId }) },
          START + minute * MINUTE,
        )
      )?.steps
        .map(({ type, itemId }) => `${type} ${itemId}`)
        .join(', ');

    it('is the latest one while its last step is not longer ago than the gap', async () => {
      expect(await open('v', 102)).toBe('view b, add_to_cart c');
      expect(await open('v', 131)).toBe('view b, add_to_cart c');
      expect(await open('v', 131.01)).toBeUndefined();
      expect(await open('nobody', 102)).toBeUndefined();
    });

    it('is the one named, whenever it was', async () => {
      expect(await open('v', 9_000, 'x')).toBe('view d');
      expect(await open('v', 102, 'y')).toBeUndefined();
      expect(await open('w', 102, 'x')).toBeUndefined();
    });

    it('belongs to its store', async () => {
      expect(await store.openSession('other', { visitorId: 'v' }, START + 102 * MINUTE)).toBeNull();
    });

    it('is each one’s own when many are asked for at once', async () => {
      const visits: [visitorId: string, minute: number, sessionId?: string][] = [
        ['v', 102],
        ['nobody', 102],
        ['w', 501],
        ['v', 9_000, 'x'],
        ['v', 131.01],
        ['v', 102],
        ['w', 102, 'x'],
      ];
      const alone: (string | undefined)[] = [];
      for (const visit of visits) alone.push(await open(...visit));
      // Beyond what one query takes.
      const many = Array.from({ length: 30 }, () => visits).flat();
      const together = await Promise.all([
        store.openSession('other', { visitorId: 'v' }, START + 102 * MINUTE),
        ...many.map((visit) => open(...visit)),
      ]);
      expect(together).toEqual([null, ...Array.from({ length: 30 }, () => alone).flat()]);
      expect(alone).toEqual(['view b, add_to_cart c', undefined, 'view e', 'view d', undefined, alone[0], undefined]);
    });

    it('says who and which', async () => {
      expect(await store.openSession('s', { visitorId: 'v', sessionId: 'x' }, START)).toMatchObject({
        store: 's',
        visitorId: 'v',
        sessionId: 'x',
        steps: [{ itemId: 'd', type: 'view', occurredAt: START + 50 * MINUTE }],
      });
    });
  });

  describe('streamForTraining', () => {
    const SESSIONS = 12_000;

    beforeAll(async () => {
      await database.dataSource.query('truncate events, event_ids, sessions');
      const types: EventType[] = ['view', 'add_to_cart', 'view'];
      // Written newest first, so that neither the ids nor the places in the table have the order wanted.
      const events = Array.from({ length: SESSIONS }, (_, session) =>
        types.map((type, step) =>
          event(`v${session}`, session + step / 10, `i${session}-${step === 2 ? 1 : 0}`, { type }),
        ),
      ).reverse();
      for (let from = 0; from < SESSIONS; from += 3_000) await write(...events.slice(from, from + 3_000).flat());
      await new EventIntake(database.dataSource, store).write([{ ...event('v', 0, 'a'), store: 'other' }]);
    });

    const read = async (window?: TrainingWindow): Promise<TrainingSession[][]> => {
      const batches: TrainingSession[][] = [];
      for await (const batch of store.streamForTraining('s', window)) batches.push(batch);
      return batches;
    };

    it('gives every session of the store, the oldest end first, in batches, as the model sees it', async () => {
      const batches = await read();
      expect(batches.map((batch) => batch.length)).toEqual([5_000, 5_000, 2_000]);
      expect(batches.flat()).toEqual(
        Array.from({ length: SESSIONS }, (_, session) => ({
          itemIds: [`i${session}-0`, `i${session}-1`],
          endedAt: START + session * MINUTE + 12_000,
        })),
      );
    });

    it('keeps to the window: from is in it, until is not', async () => {
      const end = (session: number): number => START + session * MINUTE + 12_000;
      const sessions = (await read({ from: end(10), until: end(13) })).flat();
      expect(sessions.map(({ itemIds }) => itemIds[0])).toEqual(['i10-0', 'i11-0', 'i12-0']);
      expect((await read({ from: end(SESSIONS) })).flat()).toEqual([]);
    });

    it('reads in the order of an index, without sorting', async () => {
      await database.dataSource.query('analyze sessions');
      const plan = await database.dataSource.query<{ 'QUERY PLAN': string }[]>(
        `explain select item_ids from sessions where store = 's' order by ended_at, id limit 5000`,
      );
      expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain('Index Scan using sessions_by_end');
    });

    it('gives its connection back when the reader stops early, and when the query fails', async () => {
      for (let round = 0; round < 25; round += 1) {
        for await (const batch of store.streamForTraining('s')) {
          expect(batch).toHaveLength(5_000);
          break;
        }
        await expect(
          (async () => {
            for await (const batch of store.streamForTraining('s', { from: Number.NaN })) expect(batch).toBeUndefined();
          })(),
        ).rejects.toThrow();
      }
      expect(await database.dataSource.query('select 1 as one')).toEqual([{ one: 1 }]);
    });
  });
});
