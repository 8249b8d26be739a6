import type { DataSource } from 'typeorm';
import { lockPromotions, returnChain } from './promotions.js';

/**
 * Drops the old models of a store with their files and reports, all at once or not at all, and files that belong to no model. What stays:
 * the newest versions, the one in service, and those that the next few rollbacks return to. The list of promotions stays as it is.
 * @param keep so many of the newest versions, at least 1
 * @returns the versions that are gone, the oldest first
 */
export async function pruneModels(dataSource: DataSource, store: string, keep: number): Promise<string[]> {
  return dataSource.transaction(async (manager) => {
    await lockPromotions(manager, store);
    const needed = await returnChain(manager, store);
    const gone = await manager.query<{ version: string }[]>(
      `with gone as (
         delete from model_versions where store = $1 and version <> all($2) and version not in (
           select version from model_versions where store = $1 order by version desc limit $3)
         returning version)
       select version from gone order by version`,
      [store, needed, keep],
    );
    await manager.query(
      `delete from model_files file where store = $1 and not exists (
         select from model_versions model where model.store = file.store and model.version = file.version)`,
      [store],
    );
    return gone.map(({ version }) => version);
  });
}
