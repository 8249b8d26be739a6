import { Injectable, Logger } from '@nestjs/common';
import { placementNotFound, PlacementStore, type PlacementSettings } from '#placements';
import { Refreshing } from './refreshing.js';

const lifetimeMs = 2_500;
const oldestMs = 5_000;

/** The placements of each store, in memory. */
@Injectable()
export class PlacementsInUse {
  private readonly logger = new Logger(PlacementsInUse.name);
  private readonly placements: Refreshing<ReadonlyMap<string, PlacementSettings>>;

  constructor(store: PlacementStore) {
    this.placements = new Refreshing(
      async (name) => new Map((await store.list(name)).map(({ name, ...settings }) => [name, settings])),
      lifetimeMs,
      (name, error) => {
        this.logger.warn(`The placements of store ${name} could not be read again: ${String(error)}`);
      },
      { oldestMs },
    );
  }

  /**
   * As of at most 5 seconds ago, while the database can be read.
   * @param place in the request, for the message
   * @throws DomainError `placement_not_found`
   */
  async named(store: string, name: string, place = 'placement'): Promise<PlacementSettings> {
    const settings = (await this.placements.get(store)).get(name);
    if (!settings) throw placementNotFound(name, place);
    return settings;
  }

  /** To be called when placements were stored or removed, so that the next answer knows. */
  changed(store: string): void {
    this.placements.forget(store);
  }
}
