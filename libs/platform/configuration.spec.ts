import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '#domain';
import { loadConfiguration } from './configuration.js';

describe('loadConfiguration', () => {
  it('has a default for every setting', () => {
    const configuration = loadConfiguration({});
    expect(configuration).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      ingestPort: 3001,
      sessionGapMinutes: 30,
      trustProxy: false,
      headersTimeoutSeconds: 10,
      requestTimeoutSeconds: 30,
      keepAliveSeconds: 72,
      logLevel: 'log',
    });
    expect(configuration.databaseUrl).toBeUndefined();
    expect(isAbsolute(configuration.dataDirectory)).toBe(true);
  });

  it('reads the environment, an empty variable being none', () => {
    expect(
      loadConfiguration({
        DATABASE_URL: 'postgres://shop:secret@db:5433/next',
        PORT: '8080',
        HOST: '',
        SESSION_GAP_MINUTES: '12.5',
        INGEST_PORT: '0',
        LOG_LEVEL: 'debug',
        NEXTPICK_DATA: '/var/lib/nextpick',
      }),
    ).toMatchObject({
      databaseUrl: 'postgres://shop:secret@db:5433/next',
      port: 8080,
      host: '127.0.0.1',
      sessionGapMinutes: 12.5,
      ingestPort: 0,
      logLevel: 'debug',
      dataDirectory: '/var/lib/nextpick',
    });
  });

  it('lists every fault at once, by the name of its variable, without repeating a password', () => {
    let message = '';
    try {
      loadConfiguration({
        DATABASE_URL: 'mysql://shop:secret@db/next',
        PORT: '80x',
        SESSION_GAP_MINUTES: '0',
        LOG_LEVEL: 'loud',
      });
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
      ({ message } = error as Error);
    }
    expect(message).toContain('DATABASE_URL: must be a Postgres address');
    expect(message).toContain('PORT (it is "80x"): ');
    expect(message).toContain('SESSION_GAP_MINUTES (it is "0"): must be at least 1');
    expect(message).toContain('LOG_LEVEL (it is "loud"): must be one of fatal, error');
    expect(message).not.toContain('secret');
  });

  it.each([
    ['false', false],
    ['FALSE', false],
    ['10.0.0.7', ['10.0.0.7']],
    ['10.0.0.0/8, fd00::/8,loopback', ['10.0.0.0/8', 'fd00::/8', 'loopback']],
  ])('reads the proxies %s', (text, proxies) => {
    expect(loadConfiguration({ TRUST_PROXY: text }).trustProxy).toEqual(proxies);
  });

  it.each(['true', '1', '10.0.0.0/33', '10.0.0.0/', 'proxy.example', '10.0.0.7,', '::/129', '10.0.0.0/8/8'])(
    'refuses the proxies %s, which would believe anybody or nobody',
    (text) => {
      expect(() => loadConfiguration({ TRUST_PROXY: text })).toThrow(
        /TRUST_PROXY \(it is .*\): must be false, or the addr/,
      );
    },
  );

  it('wants the time for the headers within the time for the request', () => {
    expect(() => loadConfiguration({ HEADERS_TIMEOUT_SECONDS: '31' })).toThrow(
      'HEADERS_TIMEOUT_SECONDS: must be at most REQUEST_TIMEOUT_SECONDS',
    );
    expect(loadConfiguration({ HEADERS_TIMEOUT_SECONDS: '0.5', REQUEST_TIMEOUT_SECONDS: '0.5' })).toMatchObject({
      headersTimeoutSeconds: 0.5,
      requestTimeoutSeconds: 0.5,
    });
  });
});
