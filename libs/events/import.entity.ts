import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `imports`: how far the import of a file got. */
@Entity('imports')
export class ImportEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'imports_pkey' })
  store!: string;

  /** SHA-256 of the file, in hexadecimal. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'imports_pkey' })
  fingerprint!: string;

  @Column('text')
  path!: string;

  /** Lines of the file, from its beginning, whose events are stored. */
  @Column('bigint', { name: 'lines_done' })
  linesDone!: string;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
