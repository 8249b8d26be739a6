import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { KeyKind } from './api-key.js';

/** A key as stored: never the key itself, only its hash. */
@Entity('api_keys')
@Index('api_keys_hash', ['hash'], { unique: true })
export class ApiKeyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'api_keys_pkey' })
  store!: string;

  /** Names the key in `keys list` and `keys revoke`. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id!: string;

  @Column('text')
  kind!: KeyKind;

  /** SHA-256, 32 bytes. */
  @Column('bytea')
  hash!: Buffer;

  /** The first characters of the key, to recognise it. */
  @Column('text')
  prefix!: string;

  @Column('text')
  label!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;
}
