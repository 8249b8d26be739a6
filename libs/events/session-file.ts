import type { ShopEvent } from '#domain';
import { RecordReader, TextFile, type RejectedLine } from '#platform';
import { trainingSessions, type TrainingSession } from '#sessions';
import { eventFileFormat } from './event-file.js';
import type { ImportProgress } from './import-events.js';

/** What a file of events has. */
export interface SessionFile {
  /** The oldest end first. */
  readonly sessions: readonly TrainingSession[];
  /** Lines that were not taken. */
  readonly rejected: number;
  /** The first of them. */
  readonly rejections: readonly RejectedLine[];
}

/** Which file, and how visits are cut. */
export interface SessionFileOptions {
  readonly store: string;
  readonly path: string;
  /** The longest silence within a session that has no name, in milliseconds. */
  readonly gapMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

/**
 * Reads the sessions that importing a file into an empty store would make, without storing anything. Holds the events of the whole file:
 * some 500 bytes each.
 * @throws InvalidInputError when the file is not one of events, is damaged, or has no good line; the signal's reason when aborted.
 */
export async function readSessionFile(options: SessionFileOptions): Promise<SessionFile> {
  const { store, path, gapMs, signal, onProgress } = options;
  const file = await TextFile.open(path);
  const records = new RecordReader(path, eventFileFormat(store, Date.now()));
  const read = { bytesRead: 0 };
  const events = new Map<string, ShopEvent>();
  for await (const lines of file.lines(read)) {
    signal?.throwIfAborted();
    for (const line of lines) {
      const event = records.read(line);
      if (event && !events.has(event.eventId)) events.set(event.eventId, event);
    }
    onProgress?.({ bytesRead: read.bytesRead, bytes: file.size, events: events.size, rejected: records.rejected });
  }
  if (events.size === 0) records.failWithoutRecords();
  const { rejected, rejections } = records;
  return { sessions: trainingSessions([...events.values()], gapMs), rejected, rejections };
}
