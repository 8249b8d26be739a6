import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKafkaTool } from '#local-kafka';
import { loadConfiguration } from '#platform';
import { ingestRole, runIngestRole } from '../../../apps/standalone/ingest-role.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { startTestIngest, type TestIngest } from '../../support/ingest-role.js';
import { kafkaBrokers } from '../../support/kafka.js';

describe('events over HTTP, with Kafka between', () => {
  let api: TestApi;
  let ingest: TestIngest | undefined;
  let environment: Record<string, string>;

  beforeEach(async () => {
    const topic = `collected-${randomBytes(6).toString('hex')}`;
    const brokers = await kafkaBrokers();
    await runKafkaTool('topics', ['--bootstrap-server', brokers, '--create', '--topic', topic, '--partitions', '2']);
    environment = { KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic, KAFKA_GROUP_ID: topic };
    ingest = undefined;
  });
  afterEach(async () => {
    await ingest?.stop();
    await api.stop();
  });

  const event = (eventId: string, more: object = {}): object => ({
    eventId,
    type: 'view',
    visitorId: 'v',
    itemId: eventId,
    occurredAt: new Date().toISOString(),
    ...more,
  });
  const stored = (): Promise<unknown[]> =>
    api.database.dataSource.query(`select store || ' ' || event_id as event from events order by 1`);

  it('stores them by way of the topic, in the store of the key', async () => {
    api = await startTestApi({ environment });
    const events = [event('a'), event('b', { itemId: 7 }), event('a', { itemId: 'other' }), event('c')];
    const reply = await api.ask('POST', '/v1/events', { key: api.publicKey, body: { events } });
    expect(reply).toMatchObject({ status: 202, body: { accepted: 2, duplicates: 1, rejected: [{ index: 1 }] } });
    expect(await stored()).toEqual([]);

    ingest = await startTestIngest({ ...environment, DATABASE_URL: api.database.url });
    await expect
      .poll(stored, { timeout: 60_000, interval: 100 })
      .toEqual([{ event: 'default a' }, { event: 'default c' }]);
    expect(await api.database.dataSource.query('select item_ids from sessions')).toEqual([{ item_ids: ['a', 'c'] }]);

    const again = await api.ask('POST', '/v1/events', { body: { events: [event('a'), event('d', { store: 'x' })] } });
    expect(again).toMatchObject({
      status: 202,
      body: { accepted: 1, rejected: [{ index: 1, code: 'unknown_field' }] },
    });
    await expect
      .poll(() => ingest?.metric('nextpick_ingest_records_total{outcome="duplicate"}'), { timeout: 60_000 })
      .toBe(1);
  });

  it('stores them in the same process, where both roles run', async () => {
    api = await startTestApi({ environment, roles: ingestRole });
    const stop = runIngestRole(api.app, loadConfiguration(environment));
    try {
      await api.ask('POST', '/v1/events', { body: { events: [event('a'), event('b')] } });
      await expect.poll(stored, { timeout: 60_000, interval: 100 }).toHaveLength(2);
      const { text } = await api.ask('GET', '/metrics', { key: null });
      expect(text).toContain('nextpick_ingest_records_total{outcome="written"} 2');
      expect(text).toContain('nextpick_events_total{outcome="accepted"} 2');
    } finally {
      await stop();
    }
  });

  it('says so when the brokers are away, and goes on answering', async () => {
    api = await startTestApi({ environment: { ...environment, KAFKA_BROKERS: '127.0.0.1:1' } });
    const reply = await api.ask('POST', '/v1/events', { body: { events: [event('a')] } });
    expect(reply).toMatchObject({ status: 503, body: { detail: expect.stringContaining('KAFKA_BROKERS') as string } });
    expect(await api.ask('POST', '/v1/recommendations', { body: { visitorId: 'v' } })).toMatchObject({ status: 200 });
  });
});
