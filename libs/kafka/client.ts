import type { LoggerService } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type LogEntry, type RetryOptions, type SASLOptions } from 'kafkajs';
import { InvalidInputError } from '#domain';
import type { KafkaSettings } from '#platform';
import { registerCodecs } from './codecs.js';

export type KafkaLogger = Pick<LoggerService, 'log' | 'warn' | 'error' | 'debug'>;

/** About six seconds in all. Whoever asks may then ask again. */
const RETRY = { initialRetryTime: 200, retries: 5, maxRetryTime: 5000 } as const;

/** Milliseconds. */
const CONNECTION_TIMEOUT = 5000;

/**
 * A kafkajs client. It has no connection of its own. What shares one shares also what is known of the groups' offsets, so readers get one each.
 * @throws InvalidInputError `kafka_tls_file_unreadable`
 */
export function createClient(settings: KafkaSettings, logger: KafkaLogger, retry: RetryOptions = RETRY): Kafka {
  registerCodecs();
  const { brokers, clientId, login, tls } = settings;
  const sasl: SASLOptions | undefined = login && { ...login };
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECTION_TIMEOUT,
    retry,
    ssl: tls ? readCertificates(tls) : false,
    ...(sasl && { sasl }),
    logLevel: logLevel.INFO,
    // Whatever cannot be got over is thrown, and told by who asked.
    logCreator: () => (entry) => {
      logger.debug?.(describe(entry));
    },
  });
}

function describe({ namespace, log }: LogEntry): string {
  const { message, error } = log as { message: string; error?: unknown };
  return `${namespace}: ${message}${typeof error === 'string' ? `: ${error}` : ''}`;
}

function readCertificates({ ca, certificate, key }: NonNullable<KafkaSettings['tls']>): ConnectionOptions {
  return {
    ...(ca !== undefined && { ca: readPem('KAFKA_TLS_CA', ca) }),
    ...(certificate !== undefined && { cert: readPem('KAFKA_TLS_CERT', certificate) }),
    ...(key !== undefined && { key: readPem('KAFKA_TLS_KEY', key) }),
  };
}

function readPem(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new InvalidInputError(
      'kafka_tls_file_unreadable',
      `The file that ${variable} names cannot be read: ${(cause as Error).message}`,
      { variable, file: path },
      { cause },
    );
  }
}
