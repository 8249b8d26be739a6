import type { EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { readManifest } from './artefact-store.js';
import { ModelReportEntity } from './model.entities.js';

/** What an evaluation says of a model version. */
export interface ModelReport {
  /** Whatever the evaluation found, as it goes into JSON. */
  readonly report: object;
  /** The same for a person: a whole HTML page. */
  readonly page: string;
}

/** Stores the report of a version that is there, in place of an earlier one. */
export async function writeReport(
  manager: EntityManager,
  store: string,
  version: string,
  { report, page }: ModelReport,
): Promise<void> {
  await manager.query(
    `insert into model_reports (store, version, created_at, report, page) values ($1, $2, $3, $4, $5)
     on conflict (store, version) do update
     set created_at = excluded.created_at, report = excluded.report, page = excluded.page`,
    [store, version, new Date(), JSON.stringify(report), page],
  );
}

/** @throws DomainError `model_not_found` or `report_not_found`. */
export async function readReport(manager: EntityManager, store: string, version: string): Promise<ModelReport> {
  const found = await manager.findOneBy(ModelReportEntity, { store, version });
  if (found) return found;
  await readManifest(manager, store, version);
  throw new DomainError(
    'notFound',
    'report_not_found',
    `Model ${version} of store ${store} has no report yet. Make one with \`npm run nextpick -- evaluate\`.`,
    { store, version },
  );
}
