import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKafkaTool } from '#local-kafka';
import { registerDeadLetters } from '../../../apps/cli/dead-letters.js';
import { registerKeys } from '../../../apps/cli/keys.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startTestIngest, type TestIngest } from '../../support/ingest-role.js';
import { kafkaBrokers } from '../../support/kafka.js';
import { severable } from '../../support/severable-connection.js';
import { viewText } from '../../support/view-text.js';

const PATIENCE = { timeout: 60_000, interval: 100 };

describe('the ingest role', () => {
  let brokers: string;
  let database: TestDatabase;
  let topic: string;
  let roles: TestIngest[];

  beforeEach(async () => {
    brokers = await kafkaBrokers();
    database = await createTestDatabase();
    topic = `events-${randomBytes(6).toString('hex')}`;
    roles = [];
  });
  afterEach(async () => {
    await Promise.all(roles.map((role) => role.stop()));
    await database.drop();
  });

  const kafka = (tool: Parameters<typeof runKafkaTool>[0], words: readonly string[], input?: string): Promise<string> =>
    runKafkaTool(tool, ['--bootstrap-server', brokers, ...words], input === undefined ? {} : { input });
  const createTopic = (partitions: number): Promise<string> =>
    kafka('topics', ['--create', '--topic', topic, '--partitions', String(partitions)]);
  const start = async (environment: Readonly<Record<string, string>> = {}): Promise<TestIngest> => {
    const role = await startTestIngest({
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC: topic,
      KAFKA_GROUP_ID: topic,
      KAFKA_SESSION_TIMEOUT_SECONDS: '6',
      ...environment,
    });
    roles.push(role);
    return role;
  };
  const storedIds = async (): Promise<string[]> =>
    (await database.dataSource.query<{ id: string }[]>('select event_id as id from events order by 1')).map(
      ({ id }) => id,
    );
  const deadLetters = async (): Promise<string[]> => {
    const printed = await kafka('console-consumer', [
      ...['--topic', `${topic}.dead`, '--from-beginning', '--timeout-ms', '8000'],
      ...['--formatter-property', 'print.headers=true', '--formatter-property', 'print.key=true'],
      ...['--command-property', 'isolation.level=read_committed'],
    ]);
    return printed.split('\n').filter(Boolean);
  };

  it('takes what Kafka’s own producer sends, whatever it compresses with', async () => {
    await createTopic(2);
    const role = await start();
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const lines = Array.from(
        { length: 50 },
        (_, line) => `v${line}|${viewText(`${codec}-${line}`, { visitorId: `v${line}` })}`,
      );
      await kafka(
        'console-producer',
        [
          ...['--topic', topic, '--compression-codec', codec],
          ...['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=|'],
        ],
        `${lines.join('\n')}\n`,
      );
    }
    await expect.poll(storedIds, PATIENCE).toHaveLength(250);
    expect(await role.metric('nextpick_ingest_records_total{outcome="written"}')).toBe(250);
    expect(await role.readiness()).toBe('ready');
    const sessions = await database.dataSource.query<{ items: string }[]>(
      `select array_to_string(item_ids, ' ') as items from sessions where visitor_id = 'v7'`,
    );
    expect(sessions).toEqual([{ items: 'none-7 gzip-7 snappy-7 lz4-7 zstd-7' }]);
  });

  it('puts aside what is no event, publishes it once, and takes it when it is replayed', async () => {
    await createTopic(1);
    const role = await start();
    const lines = [
      `a|${viewText('good-1')}`,
      'b|{"eventId":',
      `c|${viewText('of-shop', { store: 'shop' })}`,
      `d|${viewText('good-2')}`,
    ];
    const keyed = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=|'];
    await kafka('console-producer', ['--topic', topic, ...keyed], `${lines.join('\n')}\n`);
    await expect.poll(() => role.metric('nextpick_ingest_dead_letters_published_total'), PATIENCE).toBe(2);
    expect(await storedIds()).toEqual(['good-1', 'good-2']);
    expect(await deadLetters()).toEqual([
      expect.stringMatching(
        new RegExp(
          `nextpick.code:not_json,.*nextpick.topic:${topic},nextpick.partition:0,nextpick.offset:1\\tb\\t{"eventId":$`,
        ),
      ),
      expect.stringMatching(/nextpick\.code:unknown_store,.*nextpick\.offset:2\tc\t.*of-shop/),
    ]);

    const command = (...words: string[]): Promise<string> =>
      runCommandLine(database.dataSource, [registerDeadLetters, registerKeys], words);
    expect(await command('dead-letters', 'list')).toMatch(
      /not_json[^\n]*\n.*unknown_store.*keys create --kind public --store shop/,
    );
    await command('keys', 'create', '--kind', 'public', '--store', 'shop');
    expect(JSON.parse(await command('dead-letters', 'replay', '--json'))).toMatchObject({
      replayed: 1,
      refused: 1,
      reasons: { not_json: expect.any(String) as string },
    });
    expect(await storedIds()).toEqual(['good-1', 'good-2', 'of-shop']);
    expect(JSON.parse(await command('dead-letters', 'list', '--json'))).toMatchObject({
      open: 1,
      deadLetters: [{ code: 'not_json', offset: 1, key: 'b', value: '{"eventId":' }],
    });
  });

  it('waits for a topic that is not there yet, and says so', async () => {
    const role = await start();
    await expect.poll(() => role.readiness(), PATIENCE).toMatch(topic);
    await createTopic(1);
    await expect.poll(() => role.readiness(), PATIENCE).toBe('ready');
  });

  it('waits for brokers that do not answer, and says which', async () => {
    const role = await start({ KAFKA_BROKERS: '127.0.0.1:1' });
    await expect.poll(() => role.readiness(), PATIENCE).toMatch(/127\.0\.0\.1:1\b.*KAFKA_BROKERS/s);
  });

  it('gives up on what waiting cannot help, and says which setting to change', async () => {
    await createTopic(1);
    const role = await start({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'secret-one' });
    await expect(role.ended).rejects.toMatchObject({
      message: expect.stringMatching(/KAFKA_SASL_MECHANISM/) as string,
    });
    await expect(role.ended).rejects.not.toMatchObject({ message: expect.stringContaining('secret-one') as string });
  });

  it('stands by when there are more members than partitions', async () => {
    await createTopic(1);
    const both = await Promise.all([start(), start()]);
    for (const role of both) await expect.poll(() => role.readiness(), PATIENCE).toBe('ready');
    await kafka('console-producer', ['--topic', topic], `${viewText('a')}\n`);
    await expect.poll(storedIds, PATIENCE).toEqual(['a']);
    const consumed = await Promise.all(both.map((role) => role.metric('nextpick_ingest_consumed_total')));
    expect([...consumed].sort()).toEqual([0, 1]);
    await both[consumed.indexOf(1)]?.stop();
    await kafka('console-producer', ['--topic', topic], `${viewText('b')}\n`);
    await expect.poll(storedIds, PATIENCE).toEqual(['a', 'b']);
  });

  it('pauses while the database is away, and then goes on by itself', async () => {
    await createTopic(1);
    const way = await severable(database.url);
    const role = await start({ DATABASE_URL: way.url });
    await expect.poll(() => role.readiness(), PATIENCE).toBe('ready');
    await way.sever();
    await kafka('console-producer', ['--topic', topic], `${viewText('a')}\n`);
    await expect.poll(() => role.readiness(), PATIENCE).toMatch(/events cannot be stored/);
    expect(await role.metric('nextpick_ingest_paused')).toBe(1);
    await way.mend();
    await expect.poll(storedIds, PATIENCE).toEqual(['a']);
    await expect.poll(() => role.readiness(), PATIENCE).toBe('ready');
    expect(await role.metric('nextpick_ingest_paused')).toBe(0);
  });

  it('shares the partitions, and begins again where the database is, not where Kafka says', async () => {
    await createTopic(2);
    const first = await start();
    await expect.poll(() => first.readiness(), PATIENCE).toBe('ready');
    const second = await start();
    await expect.poll(() => second.readiness(), PATIENCE).toBe('ready');
    const lines = Array.from({ length: 40 }, (_, line) =>
      viewText(`e${String(line).padStart(2, '0')}`, { visitorId: `v${line}` }),
    );
    await kafka('console-producer', ['--topic', topic], `${lines.join('\n')}\n`);
    await expect.poll(storedIds, PATIENCE).toHaveLength(40);
    await Promise.all([first.stop(), second.stop()]);

    await database.dataSource.query('truncate events, event_ids, sessions, stream_offsets');
    const third = await start();
    await expect.poll(storedIds, PATIENCE).toHaveLength(40);
    expect(await third.metric('nextpick_ingest_records_total{outcome="duplicate"}')).toBe(0);
  });
});
