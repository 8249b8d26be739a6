import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiKeys } from '#access';
import { loadConfiguration, type Configuration } from '#platform';
import { createApi } from '../../apps/api/index.js';
import { createTestDatabase, type TestDatabase } from './database.js';

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed JSON; undefined for anything else. */
  readonly body: unknown;
}

/** How to ask; without `key` the secret one is used, `null` sends none. */
export interface Question {
  readonly key?: string | null;
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown;
  readonly type?: string;
  /** More headers, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API listening on a port of its own, with a database of its own. */
export interface TestApi {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly publicKey: string;
  readonly secretKey: string;
  ask(method: string, path: string, question?: Question): Promise<Reply>;
  stop(): Promise<void>;
}

/** Starts the API on a fresh database, or on the one that is named, with two new keys of the store `default` that have no limits. */
export async function startTestApi({
  databaseUrl,
  environment = {},
  roles,
}: {
  databaseUrl?: string;
  environment?: Readonly<Record<string, string>>;
  roles?: (configuration: Configuration) => DynamicModule[];
} = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const configuration = loadConfiguration({
    DATABASE_URL: databaseUrl ?? database.url,
    PORT: '0',
    LOG_LEVEL: 'fatal',
    // On a busy machine the model's answer may take long; what is tested is the answer.
    SCORING_BUDGET_MS: '10000',
    ...environment,
  });
  const app = await createApi(configuration, roles?.(configuration));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const keys = app.get(ApiKeys);
  const { key: publicKey } = await keys.create('default', 'public', 'test');
  const { key: secretKey } = await keys.create('default', 'secret', 'test');
  return {
    app,
    database,
    url,
    publicKey,
    secretKey,
    ask: (method, path, { key = secretKey, body, type = 'application/json', headers } = {}) =>
      ask(
        url + path,
        method,
        {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': type }),
          ...headers,
        },
        body,
      ),
    stop: async () => {
      await app.close();
      await database.drop();
    },
  };
}

async function ask(url: string, method: string, headers: Record<string, string>, body: unknown): Promise<Reply> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, { method, headers, body: raw ? (body ?? null) : JSON.stringify(body) });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    type,
    headers: response.headers,
    text,
    body: type.includes('json') ? (JSON.parse(text) as unknown) : undefined,
  };
}
