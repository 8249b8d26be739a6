import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { batches } from '#platform';
import { interrupted } from './interrupted.js';

/** A piece of the file that is written at once: one by one takes as long as simulating them. */
const LINES_AT_ONCE = 1_000;

/**
 * Writes records as NDJSON, as they come.
 * @returns the file
 */
export async function writeRecords(file: string, records: Iterable<object>): Promise<string> {
  await pipeline(Readable.from(pieces(records)), createWriteStream(file), { signal: interrupted });
  return file;
}

function* pieces(records: Iterable<object>): Generator<string> {
  for (const some of batches(records, LINES_AT_ONCE))
    yield some.map((record) => `${JSON.stringify(record)}\n`).join('');
}
