import type { DataSource } from 'typeorm';
import { DomainError } from '#domain';
import { placementName } from './parse-placement.js';
import { PlacementEntity } from './placement.entity.js';
import type { PlacementSettings } from './settings.js';

/** A placement with its name. */
export type NamedPlacement = { readonly name: string } & PlacementSettings;

/** The shop's placements in Postgres. */
export class PlacementStore {
  constructor(private readonly dataSource: DataSource) {}

  /** By name. */
  async list(store: string): Promise<NamedPlacement[]> {
    const rows = await this.dataSource
      .getRepository(PlacementEntity)
      .find({ select: { name: true, settings: true }, where: { store }, order: { name: 'asc' } });
    return rows.map(({ name, settings }) => ({ name, ...settings }));
  }

  /** @throws DomainError `placement_not_found` */
  async get(store: string, name: string): Promise<PlacementSettings> {
    const row = await this.dataSource.getRepository(PlacementEntity).findOneBy({ store, name });
    if (!row) throw placementNotFound(name);
    return row.settings;
  }

  /**
   * Stores a placement; one of that name is replaced as a whole.
   * @param settings as `completeSettings` or `parsePlacement` gives them
   * @throws InvalidInputError `invalid_placement` for a name that is none
   */
  async put(store: string, name: string, settings: PlacementSettings): Promise<void> {
    await this.dataSource
      .getRepository(PlacementEntity)
      .upsert({ store, name: placementName(name), settings, updatedAt: new Date() }, ['store', 'name']);
  }

  /** @throws DomainError `placement_not_found` */
  async remove(store: string, name: string): Promise<void> {
    const removed = await this.dataSource.getRepository(PlacementEntity).delete({ store, name });
    if (removed.affected === 0) throw placementNotFound(name);
  }
}

/** @param place in the request, where there is one */
export function placementNotFound(name: string, place?: string): DomainError {
  return new DomainError(
    'notFound',
    'placement_not_found',
    `${place === undefined ? '' : `${place}: `}There is no placement ${JSON.stringify(name)}. GET /v1/placements and \`placements list\` show those there are.`,
    { placement: name },
  );
}
