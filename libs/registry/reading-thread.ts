import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import type { FileFacts } from '#platform';
import type { Manifest } from './artefact.js';

/** What the thread begins with. */
export interface ReadingTask {
  /** A `postgres://` address. */
  readonly databaseUrl: string;
  readonly manifest: Manifest;
}

/** The one thing that it says. */
export interface ReadFiles {
  /** Each in memory of its own. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of what is stored, whatever the manifest says. */
  readonly facts: ReadonlyMap<string, FileFacts>;
}

const port = parentPort;
if (!port) throw new Error('reading-thread is not for the main thread');

const { databaseUrl, manifest } = workerData as ReadingTask;
const client = new pg.Client({ connectionString: databaseUrl, application_name: 'nextpick', keepAlive: true });
// A connection that breaks fails the query under way.
client.on('error', () => undefined);
await client.connect();
try {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const facts = new Map<string, FileFacts>();
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const content = new Uint8Array(bytes);
    files.set(name, content);
    facts.set(name, await readFile(name, content));
  }
  port.postMessage(
    { files, facts } satisfies ReadFiles,
    [...files.values()].map(({ buffer }) => buffer),
  );
} finally {
  await client.end();
}

/** Reads as much of a file as there is room for; resolves to what there is of it. */
async function readFile(name: string, content: Uint8Array): Promise<FileFacts> {
  const hash = createHash('sha256');
  let length = 0;
  for (let chunk = 0; ; chunk++) {
    const { rows } = await client.query<{ bytes: Buffer }>(
      'select bytes from model_files where store = $1 and version = $2 and name = $3 and chunk = $4',
      [manifest.store, manifest.version, name, chunk],
    );
    const piece = rows[0]?.bytes;
    if (!piece) return { bytes: length, sha256: hash.digest('hex') };
    hash.update(piece);
    if (length < content.length) content.set(piece.subarray(0, content.length - length), length);
    length += piece.length;
  }
}
