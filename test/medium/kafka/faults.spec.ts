import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StreamCluster } from '#kafka';
import { runKafkaTool, startLocalKafka, type LocalKafka } from '#local-kafka';
import { createTopic, eventually, NotingReader, numbered, sendAll, streamCluster } from '../../support/kafka-stream.js';

const LOGIN = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'shop', KAFKA_PASSWORD: 'secret-1' };

describe('Kafka with logins and TLS', () => {
  let folder: string;
  let kafka: LocalKafka;
  const clusters: StreamCluster[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nextpick-kafka-faults-'));
    kafka = await startBroker();
    const user = ['--entity-type', 'users', '--entity-name', 'shop'];
    const password = ['--add-config', 'SCRAM-SHA-512=[password=secret-1]'];
    await runKafkaTool('configs', ['--bootstrap-server', kafka.brokers, '--alter', ...user, ...password]);
  });
  afterEach(async () => {
    await Promise.all(clusters.splice(0).map((cluster) => cluster.close()));
  });
  afterAll(async () => {
    await kafka.kill();
    await rm(folder, { recursive: true, force: true });
  });

  async function startBroker(): Promise<LocalKafka> {
    const keystore = await createKeystore(folder);
    return startLocalKafka({
      folder,
      listeners: ['SASL_PLAINTEXT', 'SSL'],
      settings: {
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
        'listener.name.sasl_plaintext.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_shop="secret-1";',
        'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.location': keystore,
        'ssl.keystore.password': 'changeit',
      },
    });
  }

  async function open(environment: NodeJS.ProcessEnv): Promise<StreamCluster> {
    const cluster = await streamCluster({ KAFKA_BROKERS: kafka.brokers, ...environment });
    clusters.push(cluster);
    return cluster;
  }

  const addressOf = {
    plain: () => kafka.brokers,
    sasl: () => kafka.addressOf('SASL_PLAINTEXT'),
    tls: () => kafka.addressOf('SSL'),
  };

  it.each([
    ['a login', 'sasl', LOGIN],
    ['a login by SCRAM', 'sasl', { ...LOGIN, KAFKA_SASL_MECHANISM: 'scram-sha-512' }],
    ['TLS', 'tls', { KAFKA_TLS: 'true', KAFKA_TLS_CA: 'ca.pem' }],
  ] as const)('is reached by %s', async (_title, listener, settings) => {
    const files = 'KAFKA_TLS_CA' in settings ? { KAFKA_TLS_CA: join(folder, settings.KAFKA_TLS_CA) } : {};
    const cluster = await open({ KAFKA_BROKERS: addressOf[listener](), ...settings, ...files });
    await cluster.connect();
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 1));
    expect((await cluster.describeTopic(topic)).partitions[0]?.high).toBe(1);
  });

  it.each([
    [
      'a wrong password',
      'sasl',
      { ...LOGIN, KAFKA_PASSWORD: 'secret-2' },
      'kafka_login_failed',
      /shop by plain.*KAFKA_PASSWORD/,
    ],
    [
      'a wrong password for SCRAM',
      'sasl',
      { ...LOGIN, KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_PASSWORD: 'secret-2' },
      'kafka_login_failed',
      /shop by scram-sha-512.*KAFKA_PASSWORD/,
    ],
    [
      'a mechanism that is not on',
      'sasl',
      { ...LOGIN, KAFKA_SASL_MECHANISM: 'scram-sha-256' },
      'kafka_mechanism_unsupported',
      /scram-sha-256.*KAFKA_SASL_MECHANISM/,
    ],
    [
      'a login where none is asked for',
      'plain',
      LOGIN,
      'kafka_mechanism_unsupported',
      /unset it if no login is wanted/,
    ],
    ['a certificate that it does not trust', 'tls', { KAFKA_TLS: 'true' }, 'kafka_tls_failed', /KAFKA_TLS_CA/],
  ] as const)('refuses %s for good', async (_title, listener, settings, code, message) => {
    const cluster = await open({ KAFKA_BROKERS: addressOf[listener](), ...settings });
    const failure = cluster.connect();
    await expect(failure).rejects.toMatchObject({ kind: 'invalid', code });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(/secret/);
  });

  it.each([
    ['no login where one is asked for', 'sasl', {}, /KAFKA_SASL_MECHANISM/],
    ['no TLS where it is asked for', 'tls', {}, /KAFKA_TLS is not true: does the port want TLS/],
    ['TLS where there is none', 'plain', { KAFKA_TLS: 'true' }, /KAFKA_TLS is true: does the port speak TLS/],
  ] as const)('closes the connection of %s', async (_title, listener, settings, message) => {
    const cluster = await open({ KAFKA_BROKERS: addressOf[listener](), ...settings });
    const failure = cluster.connect();
    await expect(failure).rejects.toMatchObject({ kind: 'unavailable', code: 'kafka_connection_closed' });
    await expect(failure).rejects.toThrow(message);
  });

  it('is not found at a wrong address', async () => {
    // Port 1 is nobody's.
    const nobody = (await open({ KAFKA_BROKERS: '127.0.0.1:1' })).connect();
    await expect(nobody).rejects.toMatchObject({ kind: 'unavailable', code: 'kafka_unreachable' });
    await expect(nobody).rejects.toThrow(/127\.0\.0\.1:1 .*KAFKA_BROKERS/);
    const unknown = (await open({ KAFKA_BROKERS: 'no-such-host.invalid:9092' })).connect();
    await expect(unknown).rejects.toMatchObject({ kind: 'unavailable', code: 'kafka_host_unknown' });
  });

  it('tells of a topic that is not there', async () => {
    const cluster = await open({});
    await cluster.connect();
    const missing = { kind: 'unavailable', code: 'topic_missing' };
    await expect(cluster.describeTopic('no-such-topic')).rejects.toMatchObject(missing);
    await expect(cluster.describeTopic('no-such-topic')).rejects.toThrow(/--create --topic no-such-topic/);
    await expect(sendAll(cluster, 'no-such-topic', numbered(0, 1))).rejects.toMatchObject(missing);
    const reader = new NotingReader(cluster, 'no-such-topic', `test-${randomUUID()}`);
    await expect(reader.run()).rejects.toMatchObject(missing);
    await reader.stop();
    // Afterwards it works with those that are.
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 2));
    expect((await cluster.describeTopic(topic)).partitions[0]?.high).toBe(2);
  });

  it('may be away: readers end, writers fail, and all work again when it is back', async () => {
    // The member that the broker knew is waited for so long.
    const cluster = await open({ KAFKA_SESSION_TIMEOUT_SECONDS: '6' });
    await cluster.connect();
    const topic = await createTopic(cluster);
    const group = `test-${randomUUID()}`;
    const reader = await new NotingReader(cluster, topic, group).run();
    const writer = await cluster.openWriter();
    const letters = await cluster.openTransactionalWriter(`${group}.letters`);
    const progress = { group: `${group}.letters`, topic, partition: 0, next: 1 };
    await writer.send(topic, numbered(0, 1));

    await kafka.kill();
    const away = { kind: 'unavailable' };
    await expect(writer.send(topic, numbered(66, 67))).rejects.toMatchObject(away);
    await expect(cluster.describeTopic(topic)).rejects.toMatchObject(away);
    await expect(letters.commit(topic, numbered(67, 68), progress)).rejects.toMatchObject(away);
    await eventually(() => {
      expect(reader.crashes).toMatchObject([away]);
    });
    await reader.stop();
    await letters.close();

    kafka = await startBroker();
    await eventually(() => writer.send(topic, numbered(1, 2)));
    expect((await cluster.describeTopic(topic)).partitions[0]?.high).toBeGreaterThanOrEqual(2);
    const next = await new NotingReader(cluster, topic, group).run();
    await eventually(() => {
      expect([...reader.values, ...next.values]).toEqual(expect.arrayContaining(['0', '1']));
    });
    await next.stop();
    await writer.close();
    expect(next.crashes).toEqual([]);
  });
});

/** A key with a certificate for 127.0.0.1, which is written to `ca.pem` too. */
async function createKeystore(folder: string): Promise<string> {
  const run = promisify(execFile);
  const keytool = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'keytool') : 'keytool';
  const keystore = join(folder, 'keys.p12');
  const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', 'changeit', '-alias', 'broker'];
  await rm(keystore, { force: true });
  const certificate = ['-keyalg', 'EC', '-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1', '-validity', '3650'];
  await run(keytool, ['-genkeypair', ...store, ...certificate]);
  const { stdout } = await run(keytool, ['-exportcert', '-rfc', ...store]);
  await writeFile(join(folder, 'ca.pem'), stdout);
  return keystore;
}
