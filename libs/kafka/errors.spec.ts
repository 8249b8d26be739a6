import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { DomainError, InvalidInputError } from '#domain';
import { kafkaSettings, loadConfiguration } from '#platform';
import { toDomainError, type Subject } from './errors.js';

function settingsFor(environment: NodeJS.ProcessEnv): Subject['settings'] {
  const settings = kafkaSettings(loadConfiguration({ KAFKA_BROKERS: 'kafka1:9092', ...environment }));
  if (!settings) throw new Error('KAFKA_BROKERS is set');
  return settings;
}

const settings = settingsFor({});
const withLogin = settingsFor({
  KAFKA_SASL_MECHANISM: 'scram-sha-256',
  KAFKA_USERNAME: 'shop',
  KAFKA_PASSWORD: 'secret',
});

/** As kafkajs throws it after its tries. */
function afterRetries(error: Error): Error {
  return new kafkajs.KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 300 });
}

function connectionError(code: string, message: string, broker = 'kafka1:9092'): Error {
  return new kafkajs.KafkaJSConnectionError(message, { broker, code });
}

function protocolError(type: string, message = 'As Kafka says it', retriable = false): Error {
  return new kafkajs.KafkaJSProtocolError(Object.assign(new Error(message), { type, retriable }));
}

describe('toDomainError', () => {
  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED', 'kafka_unreachable', 'unavailable', /kafka1:9092 .*KAFKA_BROKERS/],
    ['', 'Connection timeout', 'kafka_unreachable', 'unavailable', /kafka1:9092 .*KAFKA_BROKERS/],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND', 'kafka_host_unknown', 'unavailable', /kafka1:9092 .*KAFKA_BROKERS/],
    ['ECONNRESET', 'read ECONNRESET', 'kafka_connection_closed', 'unavailable', /KAFKA_TLS is not true.*KAFKA_SASL_/],
    ['', 'Not connected', 'kafka_connection_closed', 'unavailable', /KAFKA_TLS is not true/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'kafka_tls_failed', 'invalid', /KAFKA_TLS_CA/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'does not match', 'kafka_tls_failed', 'invalid', /kafka1:9092: does not match/],
    ['EPROTO', 'wrong version number', 'kafka_tls_failed', 'invalid', /unset KAFKA_TLS/],
  ])('explains a connection that fails with %s, %s', (code, message, expected, kind, text) => {
    const error = toDomainError(afterRetries(connectionError(code, message)), { settings });
    expect(error).toMatchObject({ code: expected, kind });
    expect(error.message).toMatch(text);
  });

  it('says when an address is not from the settings', () => {
    const error = toDomainError(connectionError('ECONNREFUSED', 'refused', '10.0.0.7:9092'), { settings });
    expect(error.message).toMatch(/10\.0\.0\.7:9092 .*advertised\.listeners/);
  });

  it.each([
    ['UNKNOWN_TOPIC_OR_PARTITION', 'topic_missing', 'unavailable', /kafka-topics\.sh .*--create --topic clicks/],
    ['TOPIC_AUTHORIZATION_FAILED', 'kafka_not_authorised', 'forbidden', /topic clicks.*KAFKA_TOPIC/],
    ['GROUP_AUTHORIZATION_FAILED', 'kafka_not_authorised', 'forbidden', /group readers.*KAFKA_GROUP_ID/],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'kafka_not_authorised', 'forbidden', /transactional id letters/],
    ['UNSUPPORTED_SASL_MECHANISM', 'kafka_mechanism_unsupported', 'invalid', /KAFKA_SASL_MECHANISM/],
    ['UNSUPPORTED_VERSION', 'kafka_too_old', 'invalid', /Kafka 0\.11/],
    ['INVALID_PRODUCER_EPOCH', 'writer_fenced', 'conflict', /letters/],
    ['MESSAGE_TOO_LARGE', 'record_too_large', 'invalid', /max\.message\.bytes/],
    ['INVALID_SESSION_TIMEOUT', 'kafka_session_timeout_invalid', 'invalid', /30 s.*KAFKA_SESSION_TIMEOUT_SECONDS/],
    ['INCONSISTENT_GROUP_PROTOCOL', 'kafka_group_in_use', 'invalid', /readers.*KAFKA_GROUP_ID/],
    ['INVALID_TXN_STATE', 'kafka_unavailable', 'unavailable', /As Kafka says it/],
    ['CORRUPT_MESSAGE', 'kafka_failed', 'internal', /As Kafka says it/],
  ])('explains %s', (type, expected, kind, text) => {
    const subject = { settings, topic: 'clicks', group: 'readers', transactionalId: 'letters' };
    const error = toDomainError(afterRetries(protocolError(type)), subject);
    expect(error).toMatchObject({ code: expected, kind });
    expect(error.message).toMatch(text);
  });

  it('knows the error of a later Kafka that says that a producer is fenced', () => {
    const error = protocolError('KAFKAJS_UNKNOWN_ERROR_CODE', 'Unknown error code 90');
    expect(toDomainError(error, { settings }).code).toBe('writer_fenced');
  });

  it('names the user that cannot log in, never the password', () => {
    const fault = Object.assign(new Error('SASL SCRAM authentication failed: Authentication failed'), {
      name: 'KafkaJSSASLAuthenticationError',
    });
    const error = toDomainError(fault, { settings: withLogin });
    expect(error).toMatchObject({ code: 'kafka_login_failed', kind: 'invalid' });
    expect(error.message).toMatch(/shop by scram-sha-256.*KAFKA_PASSWORD/);
    expect(error.message).not.toContain('secret');
  });

  it('knows a broker that is too old to say what it knows', () => {
    const fault = new kafkajs.KafkaJSNonRetriableError('API Versions not supported');
    expect(toDomainError(fault, { settings }).code).toBe('kafka_too_old');
  });

  it('takes what kafkajs would try again for something that goes away', () => {
    const error = toDomainError(afterRetries(protocolError('NOT_CONTROLLER', 'moved', true)), { settings });
    expect(error).toMatchObject({ code: 'kafka_unavailable', retriable: true });
  });

  it('finds an error of ours within those of kafkajs', () => {
    const ours = new InvalidInputError('batch_unreadable', 'no');
    const around = Object.assign(new Error('around'), { cause: ours });
    expect(toDomainError(around, { settings })).toBe(ours);
    expect(toDomainError(ours, { settings })).toBe(ours);
  });

  it('keeps what it explains as the cause', () => {
    const fault = connectionError('ECONNREFUSED', 'refused');
    const error = toDomainError(fault, { settings });
    expect(error).toBeInstanceOf(DomainError);
    expect(error.cause).toBe(fault);
  });
});
