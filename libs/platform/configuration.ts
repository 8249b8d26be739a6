import 'reflect-metadata';
import { IsIn, IsInt, IsNotEmpty, IsNumber, IsOptional, IsUrl, Max, Min, validateSync } from 'class-validator';
import { resolve } from 'node:path';
import { InvalidInputError } from '#domain';
import { KAFKA_VARIABLES, KafkaConfiguration, kafkaFaults } from './kafka-settings.js';
import { asProxies, IsTrustedProxies } from './trusted-proxies.js';
import { asNumber, type Variable } from './variable.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every setting of every role. Each comes from the environment variable that its comment names. */
export class Configuration extends KafkaConfiguration {
  /** DATABASE_URL: the Postgres server to use. Without it, an embedded server runs in `dataDirectory`. */
  @IsOptional()
  @IsUrl(
    { protocols: ['postgres', 'postgresql'], require_protocol: true, require_tld: false },
    { message: 'must be a Postgres address such as postgres://user:password@host:5432/database' },
  )
  databaseUrl?: string;

  /** PORT: where the API listens. 0 takes any free port. */
  @IsInt({ message: 'must be a whole number' })
  @Min(0, { message: 'must be at least 0' })
  @Max(65_535, { message: 'must be at most 65535' })
  port = 3000;

  /** HOST: the address that the API listens on. */
  @IsNotEmpty({ message: 'must not be empty' })
  host = '127.0.0.1';

  /** NEXTPICK_DATA: the folder of the embedded database and the demo keys; absolute once loaded. */
  @IsNotEmpty({ message: 'must not be empty' })
  dataDirectory = '.nextpick';

  /** SESSION_GAP_MINUTES: a visitor's session ends after this long without an event. */
  @IsNumber({}, { message: 'must be a number of minutes' })
  @Min(1, { message: 'must be at least 1' })
  @Max(1440, { message: 'must be at most 1440 (a day)' })
  sessionGapMinutes = 30;

  /** INGEST_PORT: where the ingest role answers `/health` and `/metrics`. 0 takes any free port. */
  @IsInt({ message: 'must be a whole number' })
  @Min(0, { message: 'must be at least 0' })
  @Max(65_535, { message: 'must be at most 65535' })
  ingestPort = 3001;

  /** TRUST_PROXY: the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; false: none. */
  @IsTrustedProxies()
  trustProxy: false | string[] = false;

  /** HEADERS_TIMEOUT_SECONDS: the headers of a request must be here after this long. */
  @IsNumber({}, { message: 'must be a number of seconds' })
  @Min(0.1, { message: 'must be at least 0.1' })
  @Max(3600, { message: 'must be at most 3600' })
  headersTimeoutSeconds = 10;

  /** REQUEST_TIMEOUT_SECONDS: a whole request, its body too, must be here after this long. */
  @IsNumber({}, { message: 'must be a number of seconds' })
  @Min(0.1, { message: 'must be at least 0.1' })
  @Max(3600, { message: 'must be at most 3600' })
  requestTimeoutSeconds = 30;

  /** KEEP_ALIVE_SECONDS: a connection stays open so long for the next request; longer than a proxy before it keeps it. */
  @IsNumber({}, { message: 'must be a number of seconds' })
  @Min(1, { message: 'must be at least 1' })
  @Max(3600, { message: 'must be at most 3600' })
  keepAliveSeconds = 72;

  /** MAX_RECOMMENDATIONS_AT_ONCE: requests for recommendations that one process works on; any more get a 503 at once. */
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(10_000, { message: 'must be at most 10000' })
  maxRecommendationsAtOnce = 64;

  /** MAX_EVENT_REQUESTS_AT_ONCE: the same for requests with events. */
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(10_000, { message: 'must be at most 10000' })
  maxEventRequestsAtOnce = 64;

  /** SCORING_BUDGET_MS: so many milliseconds after its arrival a request is answered with what is trending, if the model has not answered. */
  @IsInt({ message: 'must be a whole number of milliseconds' })
  @Min(1, { message: 'must be at least 1' })
  @Max(60_000, { message: 'must be at most 60000' })
  scoringBudgetMs = 100;

  /** DATABASE_CONNECTIONS: connections to Postgres that one process opens at most. */
  @IsInt({ message: 'must be a whole number' })
  @Min(4, { message: 'must be at least 4' })
  @Max(1_000, { message: 'must be at most 1000' })
  databaseConnections = 20;

  /** STOP_DELAY_SECONDS: a process that is to stop goes on serving so long, not ready, until its proxy has noticed. */
  @IsNumber({}, { message: 'must be a number of seconds' })
  @Min(0, { message: 'must be at least 0' })
  @Max(3600, { message: 'must be at most 3600' })
  stopDelaySeconds = 0.25;

  /** DRAIN_SECONDS: after that, requests under way get so long to be answered before their connections are cut. */
  @IsNumber({}, { message: 'must be a number of seconds' })
  @Min(0, { message: 'must be at least 0' })
  @Max(3600, { message: 'must be at most 3600' })
  drainSeconds = 10;

  /** PROCESSES: so many processes of `serve` share the port. */
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(256, { message: 'must be at most 256' })
  processes = 1;

  /** KEEP_MODELS: so many of a store's newest models are kept after a training; those in service, or to be rolled back to, always are. */
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(10_000, { message: 'must be at most 10000' })
  keepModels = 10;

  /** LOG_LEVEL: the least severe message that is written. */
  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  logLevel: LogLevel = 'log';
}

const VARIABLES: Readonly<Record<keyof Configuration, Variable>> = {
  ...KAFKA_VARIABLES,
  // It holds a password.
  databaseUrl: { name: 'DATABASE_URL', parse: String, secret: true },
  port: { name: 'PORT', parse: asNumber },
  host: { name: 'HOST', parse: String },
  dataDirectory: { name: 'NEXTPICK_DATA', parse: String },
  sessionGapMinutes: { name: 'SESSION_GAP_MINUTES', parse: asNumber },
  ingestPort: { name: 'INGEST_PORT', parse: asNumber },
  trustProxy: { name: 'TRUST_PROXY', parse: asProxies },
  headersTimeoutSeconds: { name: 'HEADERS_TIMEOUT_SECONDS', parse: asNumber },
  requestTimeoutSeconds: { name: 'REQUEST_TIMEOUT_SECONDS', parse: asNumber },
  keepAliveSeconds: { name: 'KEEP_ALIVE_SECONDS', parse: asNumber },
  maxRecommendationsAtOnce: { name: 'MAX_RECOMMENDATIONS_AT_ONCE', parse: asNumber },
  maxEventRequestsAtOnce: { name: 'MAX_EVENT_REQUESTS_AT_ONCE', parse: asNumber },
  scoringBudgetMs: { name: 'SCORING_BUDGET_MS', parse: asNumber },
  databaseConnections: { name: 'DATABASE_CONNECTIONS', parse: asNumber },
  stopDelaySeconds: { name: 'STOP_DELAY_SECONDS', parse: asNumber },
  drainSeconds: { name: 'DRAIN_SECONDS', parse: asNumber },
  processes: { name: 'PROCESSES', parse: asNumber },
  keepModels: { name: 'KEEP_MODELS', parse: asNumber },
  logLevel: { name: 'LOG_LEVEL', parse: String },
};

/**
 * Reads the settings from environment variables; a variable that is not set, or is empty, leaves the default.
 * @throws InvalidInputError `configuration_invalid` that lists every wrong variable, not just the first.
 */
export function loadConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const configuration = new Configuration();
  const given: Record<string, string> = {};
  for (const [property, { name, parse }] of Object.entries(VARIABLES)) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    given[property] = text;
    Object.assign(configuration, { [property]: parse(text) });
  }
  const faults = validateSync(configuration).map(({ property, constraints }) => {
    const { name, secret } = VARIABLES[property as keyof Configuration];
    const value = secret ? '' : ` (it is "${given[property] ?? ''}")`;
    return `${name}${value}: ${Object.values(constraints ?? {}).join(', ')}`;
  });
  faults.push(...kafkaFaults(configuration));
  if (configuration.headersTimeoutSeconds > configuration.requestTimeoutSeconds) {
    faults.push('HEADERS_TIMEOUT_SECONDS: must be at most REQUEST_TIMEOUT_SECONDS, which counts the headers in');
  }
  if (faults.length > 0) {
    throw new InvalidInputError(
      'configuration_invalid',
      `These environment variables have wrong values:\n  ${faults.join('\n  ')}`,
    );
  }
  configuration.dataDirectory = resolve(configuration.dataDirectory);
  return configuration;
}
