import { randomUUID, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Between, DataSource, IsNull, type EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { ApiKeyEntity } from './api-key.entity.js';
import { generateKey, hashKey, keyPrefix, looksLikeKey, selectorOf, type KeyHolder, type KeyKind } from './api-key.js';
import { KeyCache } from './key-cache.js';
import { columnsOf, later, limitsOf, type KeySettings, type SettingColumns } from './key-settings.js';
import type { KeyLimits } from './rate-limit.js';

/** What may be shown of a key after its creation. */
export interface KeySummary extends KeyLimits {
  readonly id: string;
  readonly kind: KeyKind;
  readonly prefix: string;
  readonly label: string;
  readonly createdAt: Date;
  /** Up to a minute behind. */
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** The id of the key that a rotation made in its place. */
  readonly replacedBy: string | null;
  readonly origins: readonly string[];
}

/** A key that takes the place of another. */
export interface RotatedKey {
  readonly id: string;
  /** The only time that it is known. */
  readonly key: string;
  readonly expiresAt: Date | null;
  /** When the one that it replaces stops working. */
  readonly oldExpiresAt: Date;
}

/** A stored key that a presented one may be. */
interface Candidate {
  readonly hash: Buffer;
  readonly holder: KeyHolder;
}

/** Which pages some public key is for. */
interface PublicOrigins {
  readonly any: boolean;
  readonly named: ReadonlySet<string>;
}

/** How long an answer about a key is believed, and so how long a revoked key may still work. */
const cacheLifetimeMs = 5_000;
const cacheCapacity = 10_000;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Creates, rotates, revokes, lists and recognises API keys.
 *
 * How long a refusal takes tells nothing about the keys that exist. The cache and the database look a key up by the first 8 bytes of
 * its SHA-256 hash; that search may take longer for some bytes than for others, but a hash can be aimed no better than the key can be
 * guessed, and the key has 256 random bits. The rest of the hash is compared in constant time.
 */
@Injectable()
export class ApiKeys {
  private readonly candidates = new KeyCache((selector) => this.find(selector), cacheLifetimeMs, cacheCapacity);
  private readonly publicOrigins = new KeyCache(() => this.findPublicOrigins(), cacheLifetimeMs, 1);

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * The only time that the key itself is known: show it to the person now.
   * @throws InvalidInputError when a setting is wrong
   */
  async create(
    store: string,
    kind: KeyKind,
    label: string,
    settings: KeySettings = {},
  ): Promise<{ id: string; key: string; expiresAt: Date | null }> {
    const createdAt = new Date();
    const columns = columnsOf(settings, createdAt);
    const created = await this.insert(this.dataSource.manager, { store, kind, label, createdAt, ...columns });
    this.forget();
    return created;
  }

  /**
   * Makes a key with the settings of another, which stops working `overlapMs` from now (or when it expires anyway): time to put the
   * new one in its place everywhere. A key that expires is followed by one that is made for as long.
   * @throws DomainError `key_not_found` when the store has no such key in use, `key_already_rotated` when it was replaced before
   */
  async rotate(store: string, id: string, overlapMs: number): Promise<RotatedKey> {
    const now = new Date();
    const overlapEnd = later(now, overlapMs);
    const rotated = await this.dataSource.transaction(async (manager) => {
      const old = uuid.test(id)
        ? await manager.findOne(ApiKeyEntity, { where: { store, id }, lock: { mode: 'pessimistic_write' } })
        : null;
      if (!old || old.revokedAt || hasExpired(old, now)) throw keyNotFound(store, id);
      if (old.replacedBy !== null) {
        throw new DomainError(
          'conflict',
          'key_already_rotated',
          `Key ${id} was rotated already. Rotate the one that took its place, ${old.replacedBy}.`,
          { store, id },
        );
      }
      const expiresAt = old.expiresAt && later(now, old.expiresAt.getTime() - old.createdAt.getTime());
      const made = await this.insert(manager, { ...settingsOf(old), store, createdAt: now, expiresAt });
      const oldExpiresAt = old.expiresAt && old.expiresAt < overlapEnd ? old.expiresAt : overlapEnd;
      await manager.update(ApiKeyEntity, { store, id }, { expiresAt: oldExpiresAt, replacedBy: made.id });
      return { ...made, oldExpiresAt };
    });
    this.forget();
    return rotated;
  }

  /** Takes effect everywhere within 5 seconds. Throws `key_not_found` when the store has no such key in use. */
  async revoke(store: string, id: string): Promise<void> {
    const revoked = uuid.test(id)
      ? await this.repository.update({ store, id, revokedAt: IsNull() }, { revokedAt: new Date() })
      : { affected: 0 };
    if (revoked.affected === 0) throw keyNotFound(store, id);
    this.forget();
  }

  /** All keys of a store, revoked and expired ones too, the oldest first. */
  async list(store: string): Promise<KeySummary[]> {
    const keys = await this.repository.find({ where: { store }, order: { createdAt: 'ASC', id: 'ASC' } });
    return keys.map((key) => ({
      id: key.id,
      kind: key.kind,
      prefix: key.prefix,
      label: key.label,
      createdAt: key.createdAt,
      lastUsedAt: key.lastUsedAt,
      expiresAt: key.expiresAt,
      revokedAt: key.revokedAt,
      replacedBy: key.replacedBy,
      origins: key.origins,
      ...limitsOf(key),
    }));
  }

  /** Whom a key belongs to; null for an unknown, revoked, expired or misshapen one. */
  async authenticate(key: string): Promise<KeyHolder | null> {
    if (!looksLikeKey(key)) return null;
    const hash = hashKey(key);
    const candidates = await this.candidates.get(selectorOf(hash).lowest.toString('hex'));
    const holder = candidates.find((candidate) => timingSafeEqual(candidate.hash, hash))?.holder;
    return holder && !hasExpired(holder, new Date()) ? holder : null;
  }

  /** Whether some public key in use may be used by the pages of an origin; up to 5 seconds behind. */
  async publicKeysAllow(origin: string): Promise<boolean> {
    const { any, named } = await this.publicOrigins.get('');
    return any || named.has(origin);
  }

  /** Every store that has, or had, a key. */
  async stores(): Promise<string[]> {
    const rows = await this.dataSource.query<{ store: string }[]>('select distinct store from api_keys');
    return rows.map(({ store }) => store);
  }

  private get repository() {
    return this.dataSource.getRepository(ApiKeyEntity);
  }

  private async insert(
    manager: EntityManager,
    row: SettingColumns & Pick<ApiKeyEntity, 'store' | 'kind' | 'label' | 'createdAt'>,
  ): Promise<{ id: string; key: string; expiresAt: Date | null }> {
    const key = generateKey(row.kind);
    const id = randomUUID();
    await manager.insert(ApiKeyEntity, {
      ...row,
      id,
      hash: hashKey(key),
      prefix: keyPrefix(key),
      revokedAt: null,
      lastUsedAt: null,
      replacedBy: null,
    });
    return { id, key, expiresAt: row.expiresAt };
  }

  private forget(): void {
    this.candidates.clear();
    this.publicOrigins.clear();
  }

  private async find(selector: string): Promise<readonly Candidate[]> {
    const { lowest, highest } = selectorOf(Buffer.from(selector, 'hex'));
    const keys = await this.repository.findBy({ hash: Between(lowest, highest), revokedAt: IsNull() });
    return keys.map((key) => {
      const { hash, id, store, kind, origins, expiresAt } = key;
      return { hash, holder: { id, store, kind, origins, expiresAt, ...limitsOf(key) } };
    });
  }

  private async findPublicOrigins(): Promise<PublicOrigins> {
    const rows = await this.dataSource.query<{ origins: string[] }[]>(
      `select distinct origins from api_keys
       where kind = 'public' and revoked_at is null and (expires_at is null or expires_at > now())`,
    );
    return {
      any: rows.some(({ origins }) => origins.length === 0),
      named: new Set(rows.flatMap(({ origins }) => origins)),
    };
  }
}

function hasExpired({ expiresAt }: Pick<KeyHolder, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function settingsOf(key: ApiKeyEntity): Omit<SettingColumns, 'expiresAt'> & Pick<ApiKeyEntity, 'kind' | 'label'> {
  const { kind, label, origins, ratePerSecond, rateBurst, clientRatePerSecond, clientRateBurst } = key;
  return { kind, label, origins, ratePerSecond, rateBurst, clientRatePerSecond, clientRateBurst };
}

function keyNotFound(store: string, id: string): DomainError {
  return new DomainError(
    'notFound',
    'key_not_found',
    `Store ${store} has no key in use with the id ${id}. The ids are in \`keys list\`.`,
    { store, id },
  );
}
