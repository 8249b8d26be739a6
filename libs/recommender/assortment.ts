import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CatalogStore, type Availability, type Catalogue } from '#catalog';
import { Refreshing } from './refreshing.js';
import { EVERYTHING, letsAllThrough, segmentsOf, sieveContext, type Segment, type Sieve } from './segments.js';

interface Kept {
  readonly catalogue: Catalogue;
  readonly segments: Promise<readonly Segment[]>;
  /** At most so many segments. */
  readonly most: number;
}

const lifetimeMs = 5_000;
/** Of 50,000 items some 300 selections. */
const selectionBytes = 128 * 1024 * 1024;
const bytesPerItem = 2;
/** Where a model has to be told what to leave out. */
const bytesPerItemAndSegment = 8;

/** What each store offers: which of its items are on sale, which a placement lets through, and what they are. */
@Injectable()
export class Assortment {
  private readonly logger = new Logger(Assortment.name);
  private readonly availability: Refreshing<Availability>;
  private readonly catalogues: Refreshing<Catalogue>;
  /** Of each store, what the next reading waits for and goes on from. */
  private readonly newest = new Map<string, Promise<Catalogue | undefined>>();
  /** By store, sieve, and what its filters take from the item looked at now. */
  private readonly segments = new LRUCache<string, Kept>({
    maxSize: selectionBytes,
    sizeCalculation: ({ catalogue, most }, key) =>
      catalogue.items.length * (bytesPerItem + bytesPerItemAndSegment * most) + key.length,
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

  /** Every item of a store, as of a few seconds ago. */
  catalogue(store: string): Promise<Catalogue> {
    return this.catalogues.get(store);
  }

  /**
   * The items that may come, by what their scores are multiplied with. They are computed when they are first asked for, and again
   * when the catalogue has changed. A sieve that lets everything through costs nothing.
   * @param currentItem what the visitor looks at now
   */
  async sorted(store: string, sieve: Sieve, currentItem?: string): Promise<readonly Segment[]> {
    if (letsAllThrough(sieve)) return EVERYTHING;
    const catalogue = await this.catalogues.get(store);
    const current = currentItem === undefined ? undefined : catalogue.item(currentItem);
    const key = JSON.stringify([store, sieve, sieveContext(sieve, current)]);
    const kept = this.segments.get(key);
    if (kept?.catalogue === catalogue) return kept.segments;
    const segments = segmentsOf(catalogue, sieve, current);
    this.segments.set(key, { catalogue, segments, most: 1 + sieve.weights.length });
    return segments;
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
