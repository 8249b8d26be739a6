import { afterAll, beforeAll, expect, test } from 'vitest';
import { AnswerLedger } from '#attribution';
import { EventIntake } from '#events';
import { SessionStore } from '#sessions';
import { registerMetrics } from '../../../apps/cli/metrics.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const nextpick = (...words: string[]): Promise<string> =>
  runCommandLine(database.dataSource, [registerMetrics], ['metrics', 'placements', ...words]);

test('what placements led to, for a person and for a program', async () => {
  const occurredAt = Date.UTC(2026, 0, 31);
  const ledger = new AnswerLedger(database.dataSource);
  const requestId = ledger.issue('default', { placement: 'home', model: 'm-1', items: 1_200 }, occurredAt);
  await ledger.flush();
  const items = [{ itemId: 'boot', price: 24.9 }];
  await new EventIntake(database.dataSource, new SessionStore(database.dataSource, 60_000)).write(
    (['impression', 'purchase'] as const).map((type) => {
      const what = { eventId: type, type, items, currency: 'EUR', requestId };
      return { store: 'default', visitorId: 'v-1', occurredAt, ...what };
    }),
  );
  const range = ['--from', '2026-01-01', '--until', '2026-01-31'];
  expect((await nextpick(...range)).split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['day', 'placement', 'model', 'requests', 'items', 'shown', 'clicked', 'rate', 'carts', 'purchases', 'revenue'],
    ['2026-01-31', 'home', 'm-1', '1', '1,200', '1', '0', '0.0%', '0', '1', '24.9 EUR'],
  ]);
  expect(JSON.parse(await nextpick(...range, '--placement', 'home', '--json'))).toMatchObject({
    store: 'default',
    from: '2026-01-01',
    figures: [{ placement: 'home', requests: 1, revenue: [{ currency: 'EUR', amount: 24.9 }] }],
  });
  expect(await nextpick(...range, '--placement', 'cart')).toBe(
    'Store default gave no answers from 2026-01-01 until 2026-01-31.',
  );
  await expect(nextpick('--until', 'today')).rejects.toThrow(/^until must be a day/);
});
