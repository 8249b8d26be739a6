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

  /** Origins of the pages that may use it; when empty, every page may. */
  @Column('text', { array: true })
  origins!: string[];

  /** Null: no limit. */
  @Column({ type: 'double precision', name: 'rate_per_second', nullable: true })
  ratePerSecond!: number | null;

  @Column({ type: 'integer', name: 'rate_burst', nullable: true })
  rateBurst!: number | null;

  /** Of one client address. Null: no limit. */
  @Column({ type: 'double precision', name: 'client_rate_per_second', nullable: true })
  clientRatePerSecond!: number | null;

  @Column({ type: 'integer', name: 'client_rate_burst', nullable: true })
  clientRateBurst!: number | null;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  /** Up to a minute behind. */
  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  lastUsedAt!: Date | null;

  /** The id of the key that a rotation made in its place. */
  @Column({ type: 'uuid', name: 'replaced_by', nullable: true })
  replacedBy!: string | null;
}
