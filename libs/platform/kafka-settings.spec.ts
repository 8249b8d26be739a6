import { describe, expect, it } from 'vitest';
import { loadConfiguration } from './configuration.js';
import { kafkaSettings } from './kafka-settings.js';

const settingsFor = (environment: NodeJS.ProcessEnv) => kafkaSettings(loadConfiguration(environment));

function faultsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    loadConfiguration(environment);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
}

describe('kafkaSettings', () => {
  it('has none without brokers', () => {
    expect(settingsFor({ KAFKA_TOPIC: 'clicks' })).toBeUndefined();
  });

  it('has a default for everything else', () => {
    expect(settingsFor({ KAFKA_BROKERS: 'localhost:9092' })).toEqual({
      brokers: ['localhost:9092'],
      clientId: 'nextpick',
      group: 'nextpick-ingest',
      events: 'nextpick.events.v1',
      deadLetters: 'nextpick.events.v1.dead',
      sessionTimeout: 30_000,
    });
  });

  it('reads the environment', () => {
    expect(
      settingsFor({
        KAFKA_BROKERS: 'kafka-1.shop.example:9093, 10.0.0.7:65535',
        KAFKA_CLIENT_ID: 'shop',
        KAFKA_GROUP_ID: 'readers',
        KAFKA_TOPIC_PREFIX: 'shop.',
        KAFKA_TOPIC: 'clicks',
        KAFKA_DEAD_LETTER_TOPIC: 'rejects',
        KAFKA_SESSION_TIMEOUT_SECONDS: '10',
        KAFKA_TLS: 'TRUE',
        KAFKA_TLS_CA: '/etc/ca.pem',
        KAFKA_TLS_CERT: '/etc/cert.pem',
        KAFKA_TLS_KEY: '/etc/key.pem',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_USERNAME: 'user',
        KAFKA_PASSWORD: 'secret',
      }),
    ).toEqual({
      brokers: ['kafka-1.shop.example:9093', '10.0.0.7:65535'],
      clientId: 'shop',
      group: 'readers',
      events: 'shop.clicks',
      deadLetters: 'shop.rejects',
      sessionTimeout: 10_000,
      tls: { ca: '/etc/ca.pem', certificate: '/etc/cert.pem', key: '/etc/key.pem' },
      login: { mechanism: 'scram-sha-512', username: 'user', password: 'secret' },
    });
  });

  it('trusts public authorities when TLS names no file', () => {
    expect(settingsFor({ KAFKA_BROKERS: 'kafka:9093', KAFKA_TLS: 'true' })).toMatchObject({ tls: {} });
  });
});

describe('the settings of Kafka', () => {
  it.each(['localhost', 'kafka:0', 'kafka:65536', 'kafka:9092,', 'http://kafka:9092', 'kafka :9092', 'a:1;b:2'])(
    'do not take %s for brokers',
    (brokers) => {
      expect(faultsOf({ KAFKA_BROKERS: brokers })).toEqual([
        `KAFKA_BROKERS (it is "${brokers}"): must be host:port, or several with commas between, such as ` +
          'kafka1:9092,kafka2:9092',
      ]);
    },
  );

  it('are checked all at once, and those that belong together together; a password is not shown', () => {
    const faults = faultsOf({
      KAFKA_BROKERS: 'kafka',
      KAFKA_SESSION_TIMEOUT_SECONDS: '5',
      KAFKA_TLS: 'yes',
      KAFKA_TLS_CERT: 'cert.pem',
      KAFKA_SASL_MECHANISM: 'kerberos',
      KAFKA_PASSWORD: 'secret',
      INGEST_PORT: '-1',
    });
    expect(faults).toHaveLength(7);
    const text = faults.join('\n');
    expect(text).toContain('KAFKA_BROKERS (it is "kafka"): must be host:port');
    expect(text).toContain('KAFKA_SESSION_TIMEOUT_SECONDS (it is "5"): must be at least 6');
    expect(text).toContain('KAFKA_TLS (it is "yes"): must be true or false');
    expect(text).toContain('KAFKA_TLS_KEY: must be set, because KAFKA_TLS_CERT is');
    expect(text).toContain('KAFKA_SASL_MECHANISM (it is "kerberos"): must be one of plain, scram-sha-256');
    expect(text).toContain('KAFKA_USERNAME: must be set, because KAFKA_SASL_MECHANISM is');
    expect(text).toContain('INGEST_PORT (it is "-1"): must be at least 0');
    expect(text).not.toContain('secret');
  });

  it.each([
    [{ KAFKA_PASSWORD: 'secret' }, 'KAFKA_SASL_MECHANISM: must be set, because KAFKA_PASSWORD is'],
    [{ KAFKA_TLS_CA: 'ca.pem' }, 'KAFKA_TLS_CA: has no effect unless KAFKA_TLS is true'],
    [{ KAFKA_DEAD_LETTER_TOPIC: 'nextpick.events.v1' }, 'must not be the topic that events come from'],
    [
      { KAFKA_TOPIC: 'my clicks', KAFKA_DEAD_LETTER_TOPIC: 'dead' },
      'KAFKA_TOPIC: with KAFKA_TOPIC_PREFIX the topic\'s name is "my clicks"',
    ],
    [{ KAFKA_TOPIC: 'c'.repeat(245) }, 'KAFKA_DEAD_LETTER_TOPIC: with KAFKA_TOPIC_PREFIX the topic\'s name is "ccc'],
  ])('do not take %o', (environment, fault) => {
    expect(faultsOf(environment)).toEqual([expect.stringContaining(fault)]);
  });
});
