import type { DataSource } from 'typeorm';
import { lockPromotions } from './promotions.js';

/**
 * Removes the older versions of a store with their files and reports. What stays are the newest `keep` versions, the one in service, and
 * those that as many rollbacks would go back to.
 * @param keep from 1
 * @returns the versions that are gone
 */
export async function pruneModels(dataSource: DataSource, store: string, keep: number): Promise<string[]> {
  return dataSource.transaction(async (manager) => {
    // No promotion may come between the choice and the removal.
    await lockPromotions(manager, store);
    const gone = await manager.query<{ version: string }[]>(
      `with recursive line as (
         (select id, version, returns_to, 0 as back from model_promotions where store = $1 order by id desc limit 1)
         union all
         select earlier.id, earlier.version, earlier.returns_to, line.back + 1
         from line join model_promotions as earlier on earlier.store = $1 and earlier.id = line.returns_to
         where line.back < $2
       ), newest as (
         select version from model_versions where store = $1 order by version desc limit $2
       )
       select version from model_versions
       where store = $1 and version not in (select version from line) and version not in (select version from newest)`,
      [store, keep],
    );
    const versions = gone.map(({ version }) => version);
    await manager.query('delete from model_files where store = $1 and version = any($2)', [store, versions]);
    // The reports go with them.
    await manager.query('delete from model_versions where store = $1 and version = any($2)', [store, versions]);
    return versions;
  });
}
