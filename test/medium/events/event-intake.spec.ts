import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShopEvent } from '#domain';
import { EventIntake } from '#events';
import { SessionStore } from '#sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const GAP = 30 * 60_000;
const START = Date.UTC(2026, 0, 1);

describe('EventIntake', () => {
  let database: TestDatabase;
  let sessions: SessionStore;
  let intake: EventIntake;

  beforeEach(async () => {
    database = await createTestDatabase();
    sessions = new SessionStore(database.dataSource, GAP);
    intake = new EventIntake(database.dataSource, sessions);
  });
  afterEach(async () => {
    await database.drop();
  });

  const seen = (eventId: string, minute: number, more: object = {}): Record<string, unknown> => ({
    eventId,
    type: 'view',
    visitorId: 'v',
    itemId: eventId,
    occurredAt: new Date(START + minute * 60_000).toISOString(),
    ...more,
  });
  const rows = (text: string): Promise<unknown[]> => database.dataSource.query(text);
  const sessionTexts = async (): Promise<string[]> => {
    const found = await database.dataSource.query<{ text: string }[]>(
      `select concat_ws(' ', store, visitor_id, session_id, array_to_string(item_ids, ',')) as text from sessions order by text`,
    );
    return found.map(({ text }) => text);
  };

  it('stores what an event says', async () => {
    const full = {
      ...seen('e1', 0.5, { type: 'purchase', userId: 'u', sessionId: 'x', currency: 'EUR', orderId: 'o' }),
      itemId: null,
      items: [{ itemId: 'a', quantity: 2, price: 9.5 }, { itemId: 'b' }],
    };
    const result = await intake.accept('shop', [full, seen('e2', 1), seen('e3', 1, { type: 'search', itemId: null })]);
    expect(result).toEqual({ accepted: 3, duplicates: 0, withheld: 0, rejected: [] });
    expect(
      await rows(`select store, event_id, type, visitor_id, user_id, session_id, item_id, details,
        extract(epoch from occurred_at)::float8 as occurred_at, received_at > now() - interval '1 minute' as received_now
        from events order by event_id`),
    ).toEqual([
      {
        store: 'shop',
        event_id: 'e1',
        type: 'purchase',
        visitor_id: 'v',
        user_id: 'u',
        session_id: 'x',
        item_id: 'a',
        details: { items: [{ itemId: 'a', quantity: 2, price: 9.5 }, { itemId: 'b' }], currency: 'EUR', orderId: 'o' },
        occurred_at: START / 1000 + 30,
        received_now: true,
      },
      expect.objectContaining({ event_id: 'e2', item_id: 'e2', session_id: null, details: null }),
      expect.objectContaining({ event_id: 'e3', type: 'search', item_id: null, details: null }),
    ]);
    expect(await sessionTexts()).toEqual(['shop v e2', 'shop v x a,b']);
  });

  it('keeps the good events of a batch and says what is wrong with the others', async () => {
    const result = await intake.accept('shop', [
      seen('a', 0),
      seen('b', 1, { itemId: '' }),
      seen('c', 2, { consent: false }),
      'text',
      seen('d', 3, { colour: 'red' }),
      seen('e', 4),
    ]);
    expect(result).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(result.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_field'],
      [2, 'consent_withheld'],
      [3, 'not_an_object'],
      [4, 'unknown_field'],
    ]);
    expect(await sessionTexts()).toEqual(['shop v a,e']);
    expect(await rows('select event_id from events order by 1')).toEqual([{ event_id: 'a' }, { event_id: 'e' }]);
  });

  it('lets a known event id change nothing, in the batch or later, in its own store alone', async () => {
    expect(await intake.accept('shop', [seen('a', 0), seen('a', 5, { itemId: 'other' })])).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    expect(await intake.accept('shop', [seen('b', 1), seen('a', 9, { visitorId: 'w' })])).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    expect(await intake.accept('second', [seen('a', 0)])).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await sessionTexts()).toEqual(['second v a', 'shop v a,b']);
  });

  it('puts late events where they belong, joining stored sessions', async () => {
    await intake.accept('shop', [seen('a', 0), seen('d', 55), seen('z', 300)]);
    expect(await sessionTexts()).toEqual(['shop v a', 'shop v d', 'shop v z']);
    const [before] = await rows(`select id from sessions where item_ids = '{a}'`);
    await intake.accept('shop', [seen('b', 27)]);
    await intake.accept('shop', [seen('c', 27)]);
    expect(await sessionTexts()).toEqual(['shop v a,b,c,d', 'shop v z']);
    expect(await rows(`select id from sessions where 'a' = any(item_ids)`)).toEqual([before]);
    expect(
      await rows(`select (extract(epoch from started_at) * 1000)::float8 as started, occurred_at,
        (extract(epoch from ended_at) * 1000)::float8 as ended from sessions where 'a' = any(item_ids)`),
    ).toEqual([
      {
        started: START,
        ended: START + 55 * 60_000,
        occurred_at: [0, 27, 27, 55].map((minute) => String(START + minute * 60_000)),
      },
    ]);
  });

  it('neither loses nor doubles anything when requests of one visitor come at once', async () => {
    const requests = Array.from({ length: 40 }, (_, index) => [
      seen(`e${index}`, index, { itemId: `i${String(index).padStart(2, '0')}` }),
      // Every event comes in two requests.
      seen(`e${(index + 1) % 40}`, (index + 1) % 40, { itemId: `i${String((index + 1) % 40).padStart(2, '0')}` }),
      seen(`n${index}`, index, { visitorId: 'w', sessionId: 'one', itemId: `i${String(index).padStart(2, '0')}` }),
    ]);
    const results = await Promise.all(requests.map((events) => intake.accept('shop', events)));
    expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(80);
    expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(40);
    const all = Array.from({ length: 40 }, (_, index) => `i${String(index).padStart(2, '0')}`).join(',');
    expect(await sessionTexts()).toEqual([`shop v ${all}`, `shop w one ${all}`]);
  });

  it('does not deadlock when batches share visitors and events in opposite orders', async () => {
    const events = Array.from({ length: 300 }, (_, index) => seen(`e${index}`, index % 20, { visitorId: `v${index}` }));
    const batches = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? events : [...events].reverse()));
    const results = await Promise.all(batches.map((batch) => intake.accept('shop', batch)));
    expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(300);
    expect(await rows('select count(*)::int as sessions from sessions')).toEqual([{ sessions: 300 }]);
  });

  it('takes SQL in every text for text', async () => {
    const sql = `'"; drop table events; select $1 {a,NULL,"b\\"} \\ --`;
    const event = {
      eventId: sql,
      type: 'purchase',
      visitorId: sql,
      userId: sql,
      sessionId: sql,
      items: [{ itemId: sql, quantity: 1 }, { itemId: 'NULL' }],
      occurredAt: new Date(START).toISOString(),
      orderId: sql,
      requestId: sql,
    };
    expect(await intake.accept(sql, [event])).toMatchObject({ accepted: 1 });
    expect(await intake.accept(sql, [{ ...event, eventId: `${sql}2` }])).toMatchObject({ accepted: 1 });
    expect((await intake.accept(sql, [{ ...event, type: sql, currency: sql }])).rejected).toHaveLength(1);
    const found = await rows('select store, event_id, visitor_id, user_id, session_id, item_id, details from events');
    expect(found).toContainEqual({
      store: sql,
      event_id: sql,
      visitor_id: sql,
      user_id: sql,
      session_id: sql,
      item_id: sql,
      details: { items: event.items, orderId: sql, requestId: sql },
    });
    const session = await sessions.openSession(sql, { visitorId: sql, sessionId: sql }, START);
    expect(session?.steps.map(({ itemId }) => itemId)).toEqual([sql, 'NULL', sql, 'NULL']);
  });

  it('writes in the caller`s transaction, all or nothing', async () => {
    const event: ShopEvent = {
      store: 'shop',
      eventId: 'e',
      type: 'view',
      visitorId: 'v',
      items: [{ itemId: 'a' }],
      occurredAt: START,
    };
    await expect(
      database.dataSource.transaction(async (manager) => {
        expect(await intake.write([event], manager)).toEqual({ accepted: 1, duplicates: 0, withheld: 0 });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await sessionTexts()).toEqual([]);
    expect(await intake.write([event])).toEqual({ accepted: 1, duplicates: 0, withheld: 0 });
    expect(await sessionTexts()).toEqual(['shop v a']);
  });
});
