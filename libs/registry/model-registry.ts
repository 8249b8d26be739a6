import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { factsOf } from '#platform';
import type { Artefact, Manifest, ManifestDraft } from './artefact.js';
import { readManifest, writeArtefact } from './artefact-store.js';
import { ModelPromotionEntity, ModelVersionEntity } from './model.entities.js';
import { PromotionNews } from './promotion-news.js';
import { addPromotion, newestPromotion, promoteWhole, returnChain, rollBack } from './promotions.js';
import { readInThread } from './read-in-thread.js';
import { readReport, writeReport, type ModelReport } from './report-store.js';

/** A model version in a list. */
export interface ModelSummary {
  readonly version: string;
  readonly createdAt: Date;
  readonly inService: boolean;
  /** Whether the next rollback returns to it. */
  readonly rollbackTarget: boolean;
  /** When and why it was last put in service; null when it never was. */
  readonly promotion: { readonly at: Date; readonly reason: string } | null;
  readonly manifest: Manifest;
}

/** What is stored together with a model of that version, or not at all. */
export type AlsoStored = (manager: EntityManager, version: string) => Promise<void>;

/**
 * The versions of every store's models, and which one is in service. Each method is one transaction; those that change
 * something throw DomainError `registry_interrupted` when the database failed.
 */
@Injectable()
export class ModelRegistry {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Stores a model, and its report if there is one, without putting it in service; resolves to its version.
   * @param also is done in the same transaction
   */
  async save(
    store: string,
    draft: ManifestDraft,
    files: ReadonlyMap<string, Uint8Array>,
    report?: ModelReport,
    also?: AlsoStored,
  ): Promise<string> {
    const artefact = complete(store, draft, files);
    const { version } = artefact.manifest;
    await this.change(store, async (manager) => {
      await write(manager, artefact, report);
      await also?.(manager, version);
    });
    return version;
  }

  /**
   * Stores a model, and its report if there is one, and puts it in service, or does nothing of this.
   * @param also is done in the same transaction
   */
  async saveAndPromote(
    store: string,
    draft: ManifestDraft,
    files: ReadonlyMap<string, Uint8Array>,
    reason: string,
    report?: ModelReport,
    also?: AlsoStored,
  ): Promise<string> {
    const artefact = complete(store, draft, files);
    const { version } = artefact.manifest;
    await this.change(store, async (manager) => {
      await write(manager, artefact, report);
      await addPromotion(manager, store, version, reason);
      await also?.(manager, version);
    });
    return version;
  }

  /**
   * Stores the report of a version, in place of an earlier one.
   * @throws DomainError `model_not_found`.
   */
  async saveReport(store: string, version: string, report: ModelReport): Promise<void> {
    await this.change(store, async (manager) => {
      await readManifest(manager, store, version);
      await writeReport(manager, store, version, report);
    });
  }

  /**
   * Puts a version in service after checking its files; nothing changes when it is in service already.
   * @throws DomainError `model_not_found` or `artefact_corrupt`.
   */
  async promote(store: string, version: string, reason: string): Promise<void> {
    await this.change(store, (manager) => promoteWhole(manager, store, version, reason));
  }

  /**
   * Puts the version back in service that the present one replaced; twice goes back two. Resolves to that version.
   * @throws DomainError `nothing_to_roll_back` when there is no earlier one, `artefact_corrupt` when it is damaged, `model_pruned` when it
   *   is no longer kept.
   */
  async rollback(store: string, reason = 'rollback'): Promise<string> {
    return this.change(store, (manager) => rollBack(manager, store, reason));
  }

  /** Every version, the newest first. */
  async list(store: string): Promise<ModelSummary[]> {
    const { manager } = this.dataSource;
    const [versions, promotions, [inService, rollbackTarget]] = await Promise.all([
      manager.find(ModelVersionEntity, { where: { store }, order: { version: 'DESC' } }),
      manager.find(ModelPromotionEntity, { where: { store }, order: { id: 'ASC' } }),
      returnChain(manager, store),
    ]);
    const newest = new Map(promotions.map(({ version, promotedAt: at, reason }) => [version, { at, reason }]));
    return versions.map(({ version, createdAt, manifest }) => ({
      version,
      createdAt,
      inService: version === inService,
      rollbackTarget: version === rollbackTarget,
      promotion: newest.get(version) ?? null,
      manifest,
    }));
  }

  /** @throws DomainError `model_not_found`. */
  async show(store: string, version: string): Promise<Manifest> {
    return readManifest(this.dataSource.manager, store, version);
  }

  /** The version in service; null before the first promotion. */
  async inService(store: string): Promise<string | null> {
    return (await newestPromotion(this.dataSource.manager, store))?.version ?? null;
  }

  /** The version in service of every store that has one. */
  async allInService(): Promise<ReadonlyMap<string, string>> {
    const rows: { store: string; version: string }[] = await this.dataSource.query(
      'select distinct on (store) store, version from model_promotions order by store, id desc',
    );
    return new Map(rows.map(({ store, version }) => [store, version]));
  }

  /** The versions that one rollback after the other returns to: the next few, of which some may be pruned. */
  async returnable(store: string): Promise<string[]> {
    return (await returnChain(this.dataSource.manager, store)).slice(1);
  }

  /** Calls `hear` at every promotion and rollback, of any store and by any process, until it is stopped. */
  hearPromotions(hear: () => void): PromotionNews {
    return new PromotionNews(databaseUrl(this.dataSource), hear);
  }

  /**
   * A version with its files, each checked against its checksum.
   * @throws DomainError `model_not_found` or `artefact_corrupt`.
   */
  async load(store: string, version: string): Promise<Artefact> {
    const manifest = await readManifest(this.dataSource.manager, store, version);
    try {
      return { manifest, files: await readInThread(databaseUrl(this.dataSource), manifest) };
    } catch (error) {
      // A version that was pruned meanwhile looks damaged, and is gone.
      await readManifest(this.dataSource.manager, store, version);
      throw error;
    }
  }

  /**
   * What an evaluation said of a version.
   * @throws DomainError `model_not_found`, or `report_not_found` when it was never evaluated.
   */
  async report(store: string, version: string): Promise<ModelReport> {
    return readReport(this.dataSource.manager, store, version);
  }

  private async change<T>(store: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(work);
    } catch (cause) {
      if (!(cause instanceof QueryFailedError)) throw cause;
      throw new DomainError(
        'unavailable',
        'registry_interrupted',
        `The database stopped a change to the models of store ${store}: ${cause.message}. ` +
          'A change is stored whole or not at all, so a model in service still works. ' +
          'Put that right, then run the same command or request again.',
        { store },
        { cause },
      );
    }
  }
}

/** As `createDataSource` was given it. */
function databaseUrl({ options }: DataSource): string {
  if (!('url' in options) || typeof options.url !== 'string') throw new Error('the data source has no url');
  return options.url;
}

function complete(store: string, draft: ManifestDraft, files: ReadonlyMap<string, Uint8Array>): Artefact {
  const createdAt = new Date().toISOString();
  const version = `${createdAt.replace(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
  const facts = Object.fromEntries([...files].map(([name, bytes]) => [name, factsOf(bytes)]));
  return { manifest: { ...draft, formatVersion: 1, version, createdAt, store, files: facts }, files };
}

async function write(manager: EntityManager, artefact: Artefact, report?: ModelReport): Promise<void> {
  await writeArtefact(manager, artefact);
  const { store, version } = artefact.manifest;
  if (report) await writeReport(manager, store, version, report);
}
