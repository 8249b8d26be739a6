import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVisitorData, viewAt, type VisitorData } from '../../support/visitor-data.js';

let data: VisitorData;

beforeAll(async () => {
  data = await createVisitorData();
});
afterAll(() => data.database.drop());

interface Export {
  readonly events: readonly Record<string, unknown>[];
  readonly sessions: readonly Record<string, unknown>[];
  readonly deadLetters: readonly Record<string, unknown>[];
  readonly receipt: { readonly receiptId: string };
}

async function pieces(store: string, visitorId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of await data.privacy.export(store, visitorId)) found.push(piece);
  return found;
}
const exported = async (visitorId: string): Promise<Export> =>
  JSON.parse((await pieces('shop', visitorId)).join('')) as Export;

test('everything is in it: events with all fields, sessions, who was merged, and dead letters', async () => {
  await data.write(
    viewAt('customer', 1, 'b', {
      type: 'purchase',
      userId: 'u',
      sessionId: 'x',
      items: [{ itemId: 'i', quantity: 2, price: 9.5 }, { itemId: 'j' }],
      currency: 'EUR',
      orderId: 'o',
      requestId: 'r',
    }),
    viewAt('customer', 0, 'a'),
    viewAt('anonymous', 2, 'c', { type: 'search', items: [] }),
    viewAt('other', 3, 'd'),
    viewAt('customer', 0, 'a', { store: 'second' }),
  );
  await data.privacy.merge('shop', 'anonymous', 'customer');
  const letter = { cluster: 'c', topic: 't', partition: 1, rejection: { code: 'not_json', message: 'because' } };
  const [key, headers] = [Buffer.from('anonymous'), { trace: Buffer.from([0, 255]) }];
  await data.database.dataSource.transaction((manager) =>
    data.deadLetters.keep(
      [
        { ...letter, offset: 7, key, value: Buffer.from('{"store":"shop","type":7}'), headers },
        { ...letter, offset: 8, key, value: null, headers: { ce_store: Buffer.from('shop') } },
      ],
      manager,
    ),
  );
  const time = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const received = { visitorId: 'customer', receivedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string };
  for (const asked of ['customer', 'anonymous']) {
    const all = await exported(asked);
    expect(all).toEqual({
      store: 'shop',
      visitorId: 'customer',
      exportedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      aliases: ['anonymous'],
      events: [
        { eventId: 'a', type: 'view', itemId: 'a', occurredAt: time(0), ...received },
        {
          eventId: 'b',
          type: 'purchase',
          userId: 'u',
          sessionId: 'x',
          items: [{ itemId: 'i', quantity: 2, price: 9.5 }, { itemId: 'j' }],
          currency: 'EUR',
          orderId: 'o',
          requestId: 'r',
          occurredAt: time(1),
          ...received,
        },
        { eventId: 'c', type: 'search', occurredAt: time(2), ...received },
      ],
      sessions: [
        {
          visitorId: 'customer',
          startedAt: time(0),
          endedAt: time(0),
          steps: [{ itemId: 'a', type: 'view', occurredAt: time(0) }],
        },
        {
          visitorId: 'customer',
          sessionId: 'x',
          startedAt: time(1),
          endedAt: time(1),
          steps: ['i', 'j'].map((itemId) => ({ itemId, type: 'purchase', occurredAt: time(1) })),
        },
      ],
      deadLetters: [
        {
          topic: 't',
          partition: 1,
          offset: 7,
          code: 'not_json',
          message: 'because',
          receivedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
          key: 'anonymous',
          value: '{"store":"shop","type":7}',
          headersBase64: { trace: 'AP8=' },
        },
      ],
      receipt: {
        receiptId: all.receipt.receiptId,
        kind: 'export',
        at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        counts: { events: 3, sessions: 2, aliases: 1, deadLetters: 1 },
      },
    });
    const kept = await data.receipts.find('shop', all.receipt.receiptId);
    expect(JSON.parse(JSON.stringify(kept))).toEqual(all.receipt);
  }
});

test('it is empty for somebody unknown', async () => {
  expect(await exported('nobody')).toMatchObject({
    visitorId: 'nobody',
    aliases: [],
    events: [],
    sessions: [],
    deadLetters: [],
    receipt: { kind: 'export', counts: { events: 0, sessions: 0, aliases: 0, deadLetters: 0 } },
  });
});

test('a visitor with many events comes in small pieces, and whoever stops early gives the connection back', async () => {
  const events = Array.from({ length: 6_000 }, (_, index) => viewAt('busy', index, `busy-${index}`));
  for (let from = 0; from < events.length; from += 1_000) await data.write(...events.slice(from, from + 1_000));
  const found = await pieces('shop', 'busy');
  expect(Math.max(...found.map(({ length }) => length))).toBeLessThan(200_000);
  const whole = JSON.parse(found.join('')) as Export;
  expect(whole.events.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
  const steps = whole.sessions.flatMap(({ steps }) => steps as { itemId: string }[]);
  expect(steps.map(({ itemId }) => itemId)).toEqual(events.slice(-1_000).map(({ eventId }) => eventId));
  for (let round = 0; round < 15; round += 1) {
    let read = 0;
    for await (const piece of await data.privacy.export('shop', 'busy')) {
      read += piece.length;
      if (read > 20_000) break;
    }
    expect(read).toBeGreaterThan(20_000);
  }
  expect(
    await data.database.dataSource.query('select count(*)::int as receipts from visitor_receipts where kind = $1', [
      'export',
    ]),
  ).toEqual([{ receipts: 4 }]);
});
