import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfiguration } from '#platform';
import { createIngest, Ingestor } from '../../apps/ingest/index.js';

/** The ingest role in this process. */
export interface TestIngest {
  readonly app: NestFastifyApplication;
  /** Of its health and metrics. */
  readonly url: string;
  /** Settles as the role's `run` does. */
  readonly ended: Promise<void>;
  /** The problem that /health/ready tells, or `ready`. */
  readiness(): Promise<string>;
  /** A figure of /metrics by its name and labels as they stand there. */
  metric(series: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the ingest role on a port of its own. */
export async function startTestIngest(environment: Readonly<Record<string, string>>): Promise<TestIngest> {
  const app = await createIngest(loadConfiguration({ LOG_LEVEL: 'fatal', ...environment }));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const stopping = new AbortController();
  const ended = app.get(Ingestor).run(stopping.signal);
  // Whoever awaits it gets the error; until then it is not unhandled.
  ended.catch(() => undefined);
  return {
    app,
    url,
    ended,
    readiness: async () => {
      const { status, detail } = (await (await fetch(`${url}/health/ready`)).json()) as {
        status: string | number;
        detail?: string;
      };
      return status === 'ready' ? 'ready' : (detail ?? '');
    },
    metric: async (series) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${series} `));
      return Number(line?.slice(series.length));
    },
    stop: async () => {
      stopping.abort();
      await ended.catch(() => undefined);
      await app.close();
    },
  };
}
