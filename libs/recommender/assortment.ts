import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CatalogStore, type Availability, type Catalogue } from '#catalog';
import { contextValues } from './filters/compile-filter.js';
import type { Filter } from './filters/filter.js';
import { Refreshing } from './refreshing.js';
import { Selection } from './selection.js';

interface Kept {
  readonly catalogue: Catalogue;
  readonly selection: Promise<Selection>;
}

const lifetimeMs = 5_000;
/** Of 50,000 items some 300 selections. */
const selectionBytes = 128 * 1024 * 1024;
/** A byte, and 8 where a model has to be told what to leave out. */
const bytesPerItem = 9;

/** What each store offers: which of its items are on sale, and which a filter lets through. */
@Injectable()
export class Assortment {
  private readonly logger = new Logger(Assortment.name);
  private readonly availability: Refreshing<Availability>;
  private readonly catalogues: Refreshing<Catalogue>;
  /** Of each store, what the next reading waits for and goes on from. */
  private readonly newest = new Map<string, Promise<Catalogue | undefined>>();
  /** By store, filter, and what the filter takes from the item looked at now. */
  private readonly selections = new LRUCache<string, Kept>({
    maxSize: selectionBytes,
    sizeCalculation: ({ catalogue }, key) => catalogue.items.length * bytesPerItem + key.length,
  });

  constructor(private readonly catalog: CatalogStore) {
    const failed = (store: string, error: unknown): void => {
      this.logger.warn(`The catalogue of store ${store} could not be read again: ${String(error)}`);
    };
    this.availability = new Refreshing((store) => catalog.availability(store), lifetimeMs, failed);
    this.catalogues = new Refreshing((store) => this.read(store), lifetimeMs, failed);
  }

  /** Ids of the items that may not be in an answer now; the same set until that changes. */
  async offSale(store: string): Promise<ReadonlySet<string>> {
    return (await this.availability.get(store)).offSaleAt(Date.now());
  }

  /**
   * The items that a filter lets through. It is computed when it is first asked for, and again when the catalogue has changed.
   * @param currentItem what the visitor looks at now
   */
  async select(store: string, filter: Filter, currentItem?: string): Promise<Selection> {
    const catalogue = await this.catalogues.get(store);
    const context = contextValues(filter, currentItem === undefined ? undefined : catalogue.item(currentItem));
    const key = JSON.stringify([store, filter, [...context.values()]]);
    const kept = this.selections.get(key);
    if (kept?.catalogue === catalogue) return kept.selection;
    const selection = Selection.of(catalogue, filter, context);
    this.selections.set(key, { catalogue, selection });
    return selection;
  }

  /** To be called when items were added, changed or removed, so that the next answer knows. */
  changed(store: string): void {
    this.availability.forget(store);
    this.catalogues.forget(store);
  }

  private read(store: string): Promise<Catalogue> {
    const before = this.newest.get(store) ?? Promise.resolve(undefined);
    const reading = before.then((earlier) => this.catalog.catalogue(store, earlier));
    // Whoever asked hears of a failure; the next reading goes on from what this one would have.
    this.newest.set(
      store,
      reading.catch(() => before),
    );
    return reading;
  }
}
