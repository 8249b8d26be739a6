import { expect, test } from 'vitest';
import { startTestApi } from '../../support/api.js';
import { holdTable } from '../../support/held-table.js';
import { figureOf } from '../../support/metrics.js';
import { RingShop } from '../../support/ring-shop.js';

test('what does not come in time is left out of the answer, and there is one all the same', async () => {
  const api = await startTestApi({ environment: { SCORING_BUDGET_MS: '200' } });
  try {
    const shop = await RingShop.open(api.database.dataSource);
    await shop.fill('default');
    const recommend = async (body: object) => {
      const { status, body: answer } = await api.ask('POST', '/v1/recommendations', { body });
      expect(status).toBe(200);
      return (answer as { recommendations: { source: string }[] }).recommendations.map(({ source }) => source);
    };
    const now = Date.now();
    const events = shop.walk(3, 2).map((itemId, i) => ({
      ...{ eventId: `now-${i}`, type: 'view', visitorId: 'v', itemId },
      occurredAt: new Date(now - 2_000 + i * 1_000).toISOString(),
    }));
    expect((await api.ask('POST', '/v1/events', { body: { events } })).status).toBe(202);
    const answeredByModel = async (): Promise<boolean> => {
      const sources = await recommend({ visitorId: 'v', count: 2 });
      return sources.length === 2 && sources.every((source) => source === 'network' || source === 'neighbours');
    };
    await expect.poll(answeredByModel, { timeout: 60_000 }).toBe(true);
    // The first answer also counts what is popular.
    await expect.poll(() => recommend({ count: 2 }), { timeout: 60_000 }).toHaveLength(2);
    const session = () => figureOf(api.url, 'nextpick_budget_exceeded_total{part="session"}');
    const before = await session();

    const release = await holdTable(api.database.dataSource, 'sessions');
    const answers = await Promise.all(Array.from({ length: 30 }, () => recommend({ visitorId: 'v', count: 2 })));
    for (const sources of answers) {
      expect(sources).toHaveLength(2);
      for (const source of sources) expect(['trending', 'popular']).toContain(source);
    }
    expect((await session()) - before).toBe(30);
    await release();
    await expect.poll(answeredByModel, { timeout: 60_000 }).toBe(true);
  } finally {
    await api.stop();
  }
});
