import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { verifyFiles, type Artefact, type Manifest } from './artefact.js';
import type { ReadFiles, ReadingTask } from './reading-thread.js';

/**
 * Reads and checks the files of a version in a thread of its own, with a connection of its own: 30 MB that come out of the database and are checked
 * take half a second, and the garbage that they leave as long again, in which a server has requests to answer.
 * @returns each file in memory of its own, so that it can be handed to another thread
 * @throws DomainError `artefact_corrupt`; Error when the database fails
 */
export async function readInThread(databaseUrl: string, manifest: Manifest): Promise<Artefact['files']> {
  const task: ReadingTask = { databaseUrl, manifest };
  const thread = new Worker(new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: task,
  });
  const [{ files, facts }] = (await once(thread, 'message')) as [ReadFiles];
  verifyFiles(manifest, facts);
  return files;
}
