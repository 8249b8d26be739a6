import type { DataSource, EntityManager } from 'typeorm';
import { DomainError, InvalidInputError, type ShopEvent } from '#domain';
import { inTransaction, RecordReader, TextFile, type RejectedLine } from '#platform';
import { eventFileFormat } from './event-file.js';
import type { EventIntake } from './event-intake.js';

/** What became of a file. */
export interface ImportReport {
  /** Lines that an earlier, interrupted import of the same file had done. */
  readonly resumedAfterLine: number;
  /** Lines read this time, the header and blank lines included. */
  readonly lines: number;
  readonly accepted: number;
  readonly duplicates: number;
  /** Events that occurred before their visitor was erased, or before what the store keeps: nothing of them is stored. */
  readonly withheld: number;
  readonly rejected: number;
  /** The first lines that were not taken. */
  readonly rejections: readonly RejectedLine[];
  /** An earlier import had finished the same file, so nothing was read. */
  readonly alreadyImported: boolean;
}

export interface ImportProgress {
  /** Bytes of the file as it lies on the disk. */
  readonly bytesRead: number;
  readonly bytes: number;
  /** Events stored, known or withheld so far. */
  readonly events: number;
  readonly rejected: number;
}

export interface ImportOptions {
  readonly store: string;
  readonly path: string;
  /** Reads the file from its beginning even if it was imported before. Known events stay as they are. */
  readonly again?: boolean;
  /** Events in a transaction. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

const BATCH_SIZE = 10_000;
/** Characters of the file in a transaction: events may be large. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

/**
 * Imports a file of events: a table or NDJSON of the event contract, plain or gzip, of any size in bounded memory.
 * Bad lines are counted and left out. How far it got is stored with each batch, in the batch's own transaction, so that an
 * import that was interrupted, by whatever, goes on where it was, and a file that was imported changes nothing.
 * @throws InvalidInputError when the file is not one of events, is damaged, or has no good line
 * @throws DomainError `import_interrupted` when the database failed; what was stored stays
 */
export async function importEvents(
  dataSource: DataSource,
  intake: EventIntake,
  options: ImportOptions,
): Promise<ImportReport> {
  const file = await TextFile.open(options.path);
  return new EventImport(dataSource, intake, options, file, await file.fingerprint()).run();
}

/** One run of one import. */
class EventImport {
  private batch: ShopEvent[] = [];
  private batchCharacters = 0;
  /** The batch that Postgres is busy with while the next one is read. */
  private writing: Promise<void> = Promise.resolve();
  private readonly read = { bytesRead: 0 };
  private storedLine = 0;
  private accepted = 0;
  private duplicates = 0;
  private withheld = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly intake: EventIntake,
    private readonly options: ImportOptions,
    private readonly file: TextFile,
    private readonly fingerprint: string,
  ) {}

  async run(): Promise<ImportReport> {
    const { linesDone, finished } = await this.begin();
    const { store, path, signal, batchSize = BATCH_SIZE } = this.options;
    const records = new RecordReader(path, eventFileFormat(store, Date.now()), linesDone);
    if (finished) return this.report(records, linesDone, true);
    this.storedLine = linesDone;
    try {
      for await (const lines of this.file.lines(this.read)) {
        signal?.throwIfAborted();
        for (const line of lines) {
          const event = records.read(line);
          if (!event) continue;
          this.batch.push(event);
          this.batchCharacters += line.text?.length ?? 0;
          if (this.batch.length >= batchSize || this.batchCharacters > BATCH_CHARACTERS) await this.flush(records);
        }
      }
    } catch (error) {
      // A damaged file: what came before the damage is good.
      if (error instanceof InvalidInputError) await this.flush(records);
      await this.writing;
      throw error;
    }
    await this.flush(records);
    await this.writing;
    if (this.events === 0 && linesDone === 0) records.failWithoutRecords();
    await this.finish();
    return this.report(records, linesDone, false);
  }

  /** Starts to write the batch once the one before it is written. */
  private async flush({ lastLine, rejected }: RecordReader<ShopEvent>): Promise<void> {
    await this.writing;
    if (this.batch.length === 0) return;
    const events = this.batch;
    this.batch = [];
    this.batchCharacters = 0;
    this.writing = this.write(events, lastLine, rejected);
    // Whoever awaits it next gets the error; until then it is not unhandled.
    this.writing.catch(() => undefined);
  }

  private async write(events: readonly ShopEvent[], line: number, rejected: number): Promise<void> {
    const { path, onProgress } = this.options;
    try {
      const { accepted, duplicates, withheld } = await inTransaction(this.dataSource, async (manager) => {
        const result = await this.intake.write(events, manager);
        await this.saveProgress(manager, line);
        return result;
      });
      this.accepted += accepted;
      this.duplicates += duplicates;
      this.withheld += withheld;
      this.storedLine = line;
    } catch (cause) {
      throw new DomainError(
        'unavailable',
        'import_interrupted',
        `The import of ${path} stopped after line ${this.storedLine}: ${(cause as Error).message}. ` +
          'Everything up to there is stored; the same command goes on from there.',
        { file: path, line: this.storedLine },
        { cause },
      );
    }
    onProgress?.({
      bytesRead: this.read.bytesRead,
      bytes: this.file.size,
      events: this.events,
      rejected,
    });
  }

  private get events(): number {
    return this.accepted + this.duplicates + this.withheld;
  }

  private async begin(): Promise<{ linesDone: number; finished: boolean }> {
    const [row] = await this.dataSource.query<{ lines_done: string; finished: boolean }[]>(
      `insert into imports (store, fingerprint, path, lines_done, started_at) values ($1, $2, $3, 0, now())
       on conflict (store, fingerprint) do update set path = excluded.path,
         lines_done = case when $4 then 0 else imports.lines_done end,
         finished_at = case when $4 then null else imports.finished_at end
       returning lines_done, finished_at is not null as finished`,
      [this.options.store, this.fingerprint, this.options.path, this.options.again ?? false],
    );
    return { linesDone: Number(row?.lines_done ?? 0), finished: row?.finished ?? false };
  }

  private async saveProgress(manager: EntityManager, line: number): Promise<void> {
    await manager.query(
      'update imports set lines_done = greatest(lines_done, $3) where store = $1 and fingerprint = $2',
      [this.options.store, this.fingerprint, line],
    );
  }

  private async finish(): Promise<void> {
    await this.dataSource.query('update imports set finished_at = now() where store = $1 and fingerprint = $2', [
      this.options.store,
      this.fingerprint,
    ]);
  }

  private report(
    { lastLine, rejected, rejections }: RecordReader<ShopEvent>,
    linesDone: number,
    alreadyImported: boolean,
  ): ImportReport {
    return {
      resumedAfterLine: linesDone,
      lines: Math.max(0, lastLine - linesDone),
      accepted: this.accepted,
      duplicates: this.duplicates,
      withheld: this.withheld,
      rejected,
      rejections,
      alreadyImported,
    };
  }
}
