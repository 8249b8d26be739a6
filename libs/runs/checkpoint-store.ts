import type { DataSource } from 'typeorm';
import { DomainError } from '#domain';
import { factsOf, PIECE_BYTES, piecesOf } from '#platform';
import { TrainingCheckpointEntity } from './checkpoint.entities.js';

/** A checkpoint without its files. */
export type StoredCheckpoint = Pick<TrainingCheckpointEntity, 'name' | 'writtenAt' | 'runId' | 'facts'>;

/** What is left from an earlier night is no longer worth going on with. */
const MOST_HOURS = 12;

/** The checkpoints of a store: what the run under way writes, and what one that was cut off has left. They go when a run ends well. */
export class CheckpointStore {
  /** @param runId of the run that writes */
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: string,
    private readonly runId: string,
  ) {}

  /** Those that are not too old to go on from; the others are dropped. */
  async list(): Promise<StoredCheckpoint[]> {
    await this.dataSource.query(
      'delete from training_checkpoints where store = $1 and written_at < now() - make_interval(hours => $2)',
      [this.store, MOST_HOURS],
    );
    return this.dataSource.manager.find(TrainingCheckpointEntity, { where: { store: this.store } });
  }

  /**
   * Stores a checkpoint in place of the one of that name and says so in the record of the run (`checkpoint`, with the time), all or nothing.
   * @param progress how far the run is
   */
  async write(
    name: string,
    progress: object,
    facts: object,
    files: ReadonlyMap<string, Uint8Array> = new Map(),
  ): Promise<void> {
    const { store, runId } = this;
    const about = Object.fromEntries([...files].map(([file, bytes]) => [file, factsOf(bytes)]));
    await this.dataSource.transaction(async (manager) => {
      await manager.query('delete from training_checkpoints where store = $1 and name = $2', [store, name]);
      const writtenAt = new Date();
      await manager.query(
        'insert into training_checkpoints (store, name, written_at, run_id, facts, files) values ($1, $2, $3, $4, $5, $6)',
        [store, name, writtenAt, runId, JSON.stringify(facts), JSON.stringify(about)],
      );
      for (const [file, content] of files) {
        let chunk = 0;
        for (const bytes of piecesOf(content)) {
          await manager.query(
            'insert into training_checkpoint_chunks (store, name, file, chunk, bytes) values ($1, $2, $3, $4, $5)',
            [store, name, file, chunk++, bytes],
          );
        }
      }
      await manager.query(
        `update training_runs set details = details || jsonb_build_object('checkpoint', $3::jsonb) where store = $1 and id = $2`,
        [store, runId, JSON.stringify({ ...progress, at: writtenAt.toISOString() })],
      );
    });
  }

  /**
   * The files of a checkpoint, each in a buffer of its own.
   * @throws DomainError `checkpoint_corrupt` when it is gone or a file is not as it was written
   */
  async read(name: string): Promise<Map<string, Uint8Array>> {
    const found = await this.dataSource.manager.findOneBy(TrainingCheckpointEntity, { store: this.store, name });
    if (!found) throw this.corrupt(name, 'it');
    const files = new Map<string, Uint8Array>();
    for (const [file, { bytes, sha256 }] of Object.entries(found.files)) {
      const content = new Uint8Array(bytes);
      for (let chunk = 0; chunk * PIECE_BYTES < bytes; chunk++) {
        const [row] = await this.dataSource.query<{ bytes: Buffer }[]>(
          'select bytes from training_checkpoint_chunks where store = $1 and name = $2 and file = $3 and chunk = $4',
          [this.store, name, file, chunk],
        );
        content.set((row?.bytes ?? Buffer.of()).subarray(0, bytes - chunk * PIECE_BYTES), chunk * PIECE_BYTES);
      }
      if (factsOf(content).sha256 !== sha256) throw this.corrupt(name, file);
      files.set(file, content);
    }
    return files;
  }

  async drop(): Promise<void> {
    await this.dataSource.query('delete from training_checkpoints where store = $1', [this.store]);
  }

  private corrupt(name: string, file: string): DomainError {
    const { store } = this;
    return new DomainError(
      'conflict',
      'checkpoint_corrupt',
      `The checkpoint "${name}" of store ${store} is damaged: ${file} is not as it was written.`,
      { store, name, file },
    );
  }
}
