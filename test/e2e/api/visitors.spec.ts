import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const view = (
  visitorId: string,
  eventId: string,
  occurredAt = new Date(Date.now() - 60_000).toISOString(),
): object => ({
  eventId,
  type: 'view',
  visitorId,
  itemId: eventId,
  occurredAt,
});
const send = async (...events: object[]): Promise<unknown> =>
  (await api.ask('POST', '/v1/events', { key: api.publicKey, body: { events } })).body;
const merge = (body: unknown) => api.ask('POST', '/v1/visitors/merge', { body });
const exportOf = async (visitorId: string) => {
  const reply = await api.ask('GET', `/v1/visitors/${encodeURIComponent(visitorId)}/export`);
  expect(reply).toMatchObject({ status: 200, type: 'application/json; charset=utf-8' });
  const { events, ...rest } = reply.body as { events: { eventId: string }[]; receipt: { receiptId: string } };
  return { ...rest, eventIds: events.map(({ eventId }) => eventId) };
};

test('somebody signs in, asks what is known, and is forgotten; each with a receipt', async () => {
  await send(view('anonymous-1', 'a'), view('kunde/7 ü', 'b'), view('other', 'c'));
  const merged = await merge({ from: 'anonymous-1', into: 'kunde/7 ü' });
  expect(merged).toMatchObject({
    status: 200,
    body: { kind: 'merge', counts: { events: 1, sessions: 1, withheld: 0 }, at: expect.stringMatching(/Z$/) as string },
  });
  await send(view('anonymous-1', 'd'));
  const known = await exportOf('kunde/7 ü');
  expect(known).toMatchObject({ store: 'default', visitorId: 'kunde/7 ü', aliases: ['anonymous-1'] });
  expect(known.eventIds.sort()).toEqual(['a', 'b', 'd']);

  const erased = await api.ask('DELETE', `/v1/visitors/${encodeURIComponent('kunde/7 ü')}`);
  expect(erased).toMatchObject({
    status: 200,
    body: { kind: 'erasure', counts: { events: 3, sessions: 1, aliases: 1, deadLetters: 0 } },
  });
  expect((await exportOf('kunde/7 ü')).eventIds).toEqual([]);
  expect((await exportOf('other')).eventIds).toEqual(['c']);
  expect(await send(view('anonymous-1', 'e'), view('kunde/7 ü', 'b'))).toEqual({
    accepted: 0,
    duplicates: 0,
    withheld: 2,
    rejected: [],
  });
  expect((await api.ask('GET', '/metrics', { key: null })).text).toContain(
    'nextpick_events_total{outcome="withheld"} 2',
  );
  expect(await send(view('anonymous-1', 'f', new Date(Date.now() + 60_000).toISOString()))).toMatchObject({
    accepted: 1,
  });

  for (const receipt of [merged.body, known.receipt, erased.body] as { receiptId: string }[]) {
    expect(await api.ask('GET', `/v1/receipts/${receipt.receiptId}`)).toMatchObject({ status: 200, body: receipt });
  }
});

test('nothing of an event without consent is stored or known', async () => {
  const occurredAt = '2026-01-31T12:00:00Z';
  const without = [false, 'no', 0].map((consent, index) => ({ ...view('shy', `s${index}`, occurredAt), consent }));
  expect(await send(...without, { consent: false, visitorId: 'shy', colour: 'red' })).toMatchObject({
    accepted: 0,
    rejected: [0, 1, 2, 3].map((index) => ({ index, code: 'consent_withheld' })),
  });
  expect((await exportOf('shy')).eventIds).toEqual([]);
});

test('a public key may not', async () => {
  for (const [method, path, body] of [
    ['POST', '/v1/visitors/merge', { from: 'a', into: 'b' }],
    ['GET', '/v1/visitors/a/export', undefined],
    ['DELETE', '/v1/visitors/a', undefined],
    ['GET', '/v1/receipts/3f1f1c1e-6a0d-4d0c-9a57-0a6f3a1d2b4c', undefined],
  ] as const) {
    const question = { key: api.publicKey, ...(body && { body }) };
    expect(await api.ask(method, path, question)).toMatchObject({ status: 403, body: { code: 'secret_key_needed' } });
    expect(await api.ask(method, path, { ...question, key: null })).toMatchObject({ status: 401 });
  }
});

test.each([
  [{ from: 'a' }, 400, 'invalid_request', /^into /],
  [{ from: 'a', into: '' }, 400, 'invalid_request', /^into must not be empty/],
  [{ from: 'a\u0000', into: 'b' }, 400, 'invalid_request', /^from must not contain control characters/],
  [{ from: 'a', into: ['b'] }, 400, 'invalid_request', /^into must be a text/],
  [{ from: 'a', into: 'b', force: true }, 400, 'invalid_request', /^force is not a known field/],
  [{ from: 'a', into: 'a' }, 400, 'merge_into_itself', /^into must be another visitor than from/],
])('a merge of %j is refused, with the place', async (body, status, code, message) => {
  const reply = await merge(body);
  expect(reply).toMatchObject({ status, body: { code } });
  expect((reply.body as { errors: { message: string }[] }).errors[0]?.message).toMatch(message);
});

test('a circle, a second target, a wrong id and an unknown receipt are told apart', async () => {
  expect(await merge({ from: 'p', into: 'q' })).toMatchObject({ status: 200 });
  expect(await merge({ from: 'q', into: 'p' })).toMatchObject({ status: 409, body: { code: 'merge_in_a_circle' } });
  expect(await merge({ from: 'p', into: 'r' })).toMatchObject({ status: 409, body: { code: 'merged_already' } });
  for (const [method, path] of [
    ['GET', '/v1/visitors/a%00b/export'],
    ['DELETE', `/v1/visitors/${'x'.repeat(257)}`],
  ] as const) {
    expect(await api.ask(method, path)).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } });
  }
  for (const id of ['3f1f1c1e-6a0d-4d0c-9a57-0a6f3a1d2b4c', 'merge']) {
    expect(await api.ask('GET', `/v1/receipts/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'receipt_not_found' },
    });
  }
});
