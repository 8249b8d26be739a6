import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, IsNull } from 'typeorm';
import { DomainError } from '#domain';
import { ApiKeyEntity } from './api-key.entity.js';
import { generateKey, hashKey, keyPrefix, looksLikeKey, type KeyHolder, type KeyKind } from './api-key.js';
import { KeyCache } from './key-cache.js';

/** What may be shown of a key after its creation. */
export interface KeySummary {
  readonly id: string;
  readonly kind: KeyKind;
  readonly prefix: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** How long an answer about a key is believed, and so how long a revoked key may still work. */
const cacheLifetimeMs = 5_000;
const cacheCapacity = 10_000;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Creates, revokes, lists and recognises API keys. */
@Injectable()
export class ApiKeys {
  private readonly cache: KeyCache;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    this.cache = new KeyCache((hash) => this.find(hash), cacheLifetimeMs, cacheCapacity);
  }

  /** The only time that the key itself is known: show it to the person now. */
  async create(store: string, kind: KeyKind, label: string): Promise<{ id: string; key: string }> {
    const key = generateKey(kind);
    const id = randomUUID();
    await this.repository.insert({
      store,
      id,
      kind,
      hash: hashKey(key),
      prefix: keyPrefix(key),
      label,
      createdAt: new Date(),
      revokedAt: null,
    });
    return { id, key };
  }

  /** Takes effect everywhere within 5 seconds. Throws `key_not_found` when the store has no such key in use. */
  async revoke(store: string, id: string): Promise<void> {
    const revoked = uuid.test(id)
      ? await this.repository.update({ store, id, revokedAt: IsNull() }, { revokedAt: new Date() })
      : { affected: 0 };
    if (revoked.affected === 0) {
      throw new DomainError(
        'notFound',
        'key_not_found',
        `Store ${store} has no key in use with the id ${id}. The ids are in \`keys list\`.`,
        { store, id },
      );
    }
    this.cache.clear();
  }

  /** All keys of a store, revoked ones too, the oldest first. */
  async list(store: string): Promise<KeySummary[]> {
    const keys = await this.repository.find({ where: { store }, order: { createdAt: 'ASC', id: 'ASC' } });
    return keys.map(({ id, kind, prefix, label, createdAt, revokedAt }) => ({
      id,
      kind,
      prefix,
      label,
      createdAt,
      revokedAt,
    }));
  }

  /** Whom a key belongs to; null for an unknown, revoked or misshapen one. */
  async authenticate(key: string): Promise<KeyHolder | null> {
    return looksLikeKey(key) ? this.cache.holderOf(hashKey(key).toString('hex')) : null;
  }

  /** Every store that has, or had, a key. */
  async stores(): Promise<string[]> {
    const rows = await this.dataSource.query<{ store: string }[]>('select distinct store from api_keys');
    return rows.map(({ store }) => store);
  }

  private get repository() {
    return this.dataSource.getRepository(ApiKeyEntity);
  }

  private async find(hash: string): Promise<KeyHolder | null> {
    const key = await this.repository.findOneBy({ hash: Buffer.from(hash, 'hex'), revokedAt: IsNull() });
    return key && { store: key.store, kind: key.kind };
  }
}
