import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { DomainError } from '#domain';
import type { Manifest } from './artefact.js';
import { readFiles } from './file-reader.js';

/** What the thread begins with. */
export interface ReadingTask {
  /** A `postgres://` address. */
  readonly databaseUrl: string;
  readonly manifest: Manifest;
}

/** The one thing that it says. An error keeps its fields, but not its class, on the way to another thread. */
export type ReadingResult =
  | { readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly corrupt: Pick<DomainError, 'kind' | 'code' | 'message' | 'facts'> };

const port = parentPort;
if (!port) throw new Error('reading-thread is not for the main thread');

const { databaseUrl, manifest } = workerData as ReadingTask;
const client = new pg.Client({ connectionString: databaseUrl, application_name: 'nextpick', keepAlive: true });
// A connection that breaks fails the query under way.
client.on('error', () => undefined);
await client.connect();
try {
  const files = await readFiles(client, manifest);
  port.postMessage(
    { files } satisfies ReadingResult,
    [...files.values()].map(({ buffer }) => buffer),
  );
} catch (error) {
  if (!(error instanceof DomainError)) throw error;
  const { kind, code, message, facts } = error;
  port.postMessage({ corrupt: { kind, code, message, facts } } satisfies ReadingResult);
} finally {
  await client.end();
}
