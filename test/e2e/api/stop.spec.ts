import { expect, test } from 'vitest';
import { startTestApi } from '../../support/api.js';
import { holdTable } from '../../support/held-table.js';
import { figureOf } from '../../support/metrics.js';

test('a stop under load, by clients that go elsewhere once it is not ready, fails no request', async () => {
  const api = await startTestApi({ environment: { STOP_DELAY_SECONDS: '1' } });
  const statuses: number[] = [];
  let [stopping, ready, closings] = [false, true, 0];
  const client = async (): Promise<void> => {
    while (ready) {
      const { status, headers } = await api.ask('POST', '/v1/recommendations', { body: { visitorId: 'v' } });
      statuses.push(status);
      if (stopping && headers.get('connection') === 'close') closings += 1;
    }
  };
  const watch = async (): Promise<void> => {
    while (ready) ready = (await api.ask('GET', '/health/ready', { key: null })).status === 200;
  };
  const clients = Array.from({ length: 16 }, client);
  await expect.poll(() => statuses.length, { timeout: 30_000 }).toBeGreaterThan(100);
  stopping = true;
  const stopped = api.stop();
  await Promise.all([watch(), ...clients, stopped]);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(closings).toBeGreaterThan(0);
});

test('what is under way is answered, but not waited for without end', async () => {
  for (const { drainSeconds, answered } of [
    { drainSeconds: '60', answered: true },
    { drainSeconds: '0', answered: false },
  ]) {
    const api = await startTestApi({
      environment: { STOP_DELAY_SECONDS: '0', DRAIN_SECONDS: drainSeconds, SCORING_BUDGET_MS: '60000' },
    });
    const release = await holdTable(api.database.dataSource, 'sessions');
    const held = api.ask('POST', '/v1/recommendations', { body: { visitorId: 'v' } }).then(
      ({ status }) => status === 200,
      () => false,
    );
    await expect
      .poll(() => figureOf(api.url, 'nextpick_requests_under_way{lane="recommendations"}'), { timeout: 30_000 })
      .toBe(1);
    const closed = api.app.close();
    if (answered) {
      // The server takes nobody in any more, and still waits.
      await expect
        .poll(
          () =>
            fetch(`${api.url}/health/live`).then(
              () => true,
              () => false,
            ),
          { timeout: 30_000 },
        )
        .toBe(false);
      await release();
      expect(await held).toBe(true);
    } else {
      expect(await held).toBe(false);
      await release();
    }
    await closed;
    await api.stop();
  }
});
