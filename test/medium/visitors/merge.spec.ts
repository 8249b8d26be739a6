import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random, type EventType, type ShopEvent } from '#domain';
import { createVisitorData, viewAt, type VisitorData } from '../../support/visitor-data.js';

describe('a merge of visitors', () => {
  let data: VisitorData;

  beforeEach(async () => {
    data = await createVisitorData();
  });
  afterEach(() => data.database.drop());

  const merge = (from: string, into: string) => data.privacy.merge('shop', from, into);
  /** All of a store but who did it. */
  const stored = (store: string): Promise<unknown> =>
    data.database.dataSource.query(
      `select session_id, started_at, ended_at, item_ids, event_types, occurred_at from sessions where store = $1
       order by visitor_id, session_id nulls first, started_at`,
      [store],
    );

  it('joins sessions by time and by name, and leaves other visitors and stores alone', async () => {
    await data.write(
      viewAt('anonymous', 0, 'a'),
      viewAt('customer', 20, 'b'),
      viewAt('anonymous', 40, 'c'),
      viewAt('customer', 200, 'd'),
      viewAt('customer', 30, 'e', { sessionId: 'x' }),
      viewAt('anonymous', 25, 'f', { sessionId: 'x' }),
      viewAt('anonymous', 26, 'g', { sessionId: 'y' }),
      viewAt('other', 10, 'h'),
      viewAt('anonymous', 0, 'a', { store: 'second' }),
    );
    const receipt = await merge('anonymous', 'customer');
    expect(receipt).toMatchObject({ kind: 'merge', counts: { events: 4, sessions: 4, withheld: 0 } });
    expect(await data.receipts.find('shop', receipt.receiptId)).toEqual(receipt);
    expect(await data.sessionTexts()).toEqual([
      'customer a,b,c',
      'other h',
      'customer x f,e',
      'customer y g',
      'customer d',
    ]);
    expect(await data.events()).toEqual([
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((event) => `customer ${event}`),
      'other h',
    ]);
    expect(await data.sessionTexts('second')).toEqual(['anonymous a']);
    expect(await data.events('second')).toEqual(['anonymous a']);
  });

  it('leaves the sessions that there would be, had it always been one visitor', async () => {
    const random = new Random(11);
    const types: EventType[] = ['view', 'click', 'add_to_cart', 'purchase', 'search'];
    for (let round = 0; round < 12; round += 1) {
      let minute = 0;
      const events = Array.from({ length: 120 }, (_, index): ShopEvent => {
        minute += random.uniform() < 0.5 ? 0.5 + random.integer(20) : 0.5 + random.integer(45);
        if (random.uniform() < 0.05) minute += 3_000;
        const named = random.uniform() < 0.3 ? { sessionId: `s${random.integer(4)}` } : {};
        const type = types[random.integer(types.length)] ?? 'view';
        return viewAt(random.uniform() < 0.5 ? 'a' : 'b', minute, `r${round}-${index}`, { ...named, type });
      });
      const [store, whole] = [`two-${round}`, `one-${round}`];
      for (let from = 0; from < events.length; from += 40) {
        const part = events.slice(from, from + 40);
        await data.write(...part.map((event) => ({ ...event, store })));
        await data.write(...part.map((event) => ({ ...event, store: whole, visitorId: 'b' })));
      }
      await data.privacy.merge(store, 'a', 'b');
      expect(await stored(store)).toEqual(await stored(whole));
      expect(await data.events(store)).toEqual(await data.events(whole));
    }
  });

  it('keeps the latest thousand steps of a session', async () => {
    const steps = (visitorId: string, from: number): ShopEvent[] =>
      Array.from({ length: 800 }, (_, index) =>
        viewAt(visitorId, from + 2 * index, `${visitorId}${index}`, { sessionId: 'x' }),
      );
    await data.write(...steps('a', 0), ...steps('b', 1));
    await merge('a', 'b');
    const [session] = await data.database.dataSource.query<{ item_ids: string[] }[]>('select item_ids from sessions');
    expect(session?.item_ids).toHaveLength(1_000);
    expect(session?.item_ids.slice(-3)).toEqual(['b798', 'a799', 'b799']);
  });

  it('sends events that come later the same way, along chains to the last', async () => {
    await data.write(viewAt('a', 0, 'a1'));
    await merge('a', 'b');
    expect(await data.intake.write([viewAt('a', 10, 'a2'), viewAt('b', 20, 'b1')])).toEqual({
      accepted: 2,
      duplicates: 0,
      withheld: 0,
    });
    expect(await data.sessionTexts()).toEqual(['b a1,a2,b1']);
    await merge('b', 'c');
    await merge('x', 'a');
    await data.write(viewAt('a', 30, 'a3'), viewAt('b', 40, 'b2'), viewAt('x', 50, 'x1'), viewAt('c', 60, 'c1'));
    expect(await data.sessionTexts()).toEqual(['c a1,a2,b1,a3,b2,x1,c1']);
    expect(await data.events()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'x1'].map((event) => `c ${event}`));
    expect(await data.intake.write([viewAt('a', 10, 'a2')])).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('can be done before anything is known, and again', async () => {
    expect(await merge('a', 'b')).toMatchObject({ counts: { events: 0, sessions: 0 } });
    await data.write(viewAt('a', 0, 'a1'));
    expect(await merge('a', 'b')).toMatchObject({ counts: { events: 0, sessions: 0 } });
    expect(await data.sessionTexts()).toEqual(['b a1']);
  });

  it('is refused where it makes no sense, and changes nothing then', async () => {
    await data.write(viewAt('a', 0, 'a1'), viewAt('b', 1, 'b1'), viewAt('c', 2, 'c1'));
    await expect(merge('a', 'a')).rejects.toMatchObject({ kind: 'invalid', code: 'merge_into_itself' });
    await merge('a', 'b');
    await expect(merge('b', 'a')).rejects.toMatchObject({
      kind: 'conflict',
      code: 'merge_in_a_circle',
      message: 'Visitor a was merged into b before: they are one already, under the name b.',
    });
    await expect(merge('a', 'c')).rejects.toMatchObject({
      kind: 'conflict',
      code: 'merged_already',
      message: expect.stringContaining('merge b into c') as string,
    });
    expect(await data.sessionTexts()).toEqual(['b a1,b1', 'c c1']);
  });

  it('heeds an erasure of the visitor merged into', async () => {
    const later = Date.now() + 3_600_000;
    await data.write(viewAt('a', 0, 'a1'), viewAt('a', 1, 'a2', { sessionId: 'x' }), viewAt('b', 2, 'b1'));
    await data.privacy.erase('shop', 'b');
    await data.write(viewAt('a', 0, 'a3', { occurredAt: later }));
    expect(await merge('a', 'b')).toMatchObject({ counts: { events: 1, sessions: 3, withheld: 2 } });
    expect(await data.sessionTexts()).toEqual(['b a3']);
    expect(await data.intake.write([viewAt('a', 3, 'a4')])).toEqual({ accepted: 0, duplicates: 0, withheld: 1 });
    expect(await data.events()).toEqual(['b a3']);
  });
});
