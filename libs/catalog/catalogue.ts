/** An item of the catalogue as it is kept in memory; null for what the shop does not say. */
export interface CatalogueItem {
  readonly itemId: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly imageUrl: string | null;
  readonly price: number | null;
  readonly currency: string | null;
  readonly categories: readonly string[];
  readonly available: boolean;
  /** Milliseconds since the epoch. */
  readonly availableFrom: number | null;
  /** Milliseconds since the epoch. */
  readonly availableUntil: number | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** With the time at which it was written, in milliseconds since the epoch. */
export interface StoredItem extends CatalogueItem {
  readonly updatedAt: number;
}

/**
 * Every item of a store at one time. Each has a place, from 0, which it keeps in the copies. It changes only while it is read,
 * before others get it.
 */
export class Catalogue {
  private constructor(
    private readonly stored: StoredItem[],
    /** Shared by the copies: it may have items that this one lacks, at places that are another's here. */
    private readonly places: Map<string, number>,
    /** The sum of `updatedAt`. */
    private changes: bigint,
    private newest: number,
  ) {}

  static empty(): Catalogue {
    return new Catalogue([], new Map(), 0n, 0);
  }

  copy(): Catalogue {
    return new Catalogue([...this.stored], this.places, this.changes, this.newest);
  }

  /** By place. */
  get items(): readonly CatalogueItem[] {
    return this.stored;
  }

  /** The newest `updatedAt` there was; 0 without items. */
  get newestChange(): number {
    return this.newest;
  }

  /** The place of an item, undefined for one that is not in this catalogue. */
  placeOf(itemId: string): number | undefined {
    const place = this.places.get(itemId);
    return place !== undefined && this.stored[place]?.itemId === itemId ? place : undefined;
  }

  /** Undefined for an item that is not in this catalogue. */
  item(itemId: string): CatalogueItem | undefined {
    const place = this.placeOf(itemId);
    return place === undefined ? undefined : this.stored[place];
  }

  /** Adds items, or puts them in the places of what they were before. */
  put(items: readonly StoredItem[]): void {
    for (const item of items) {
      const place = this.placeOf(item.itemId) ?? this.stored.length;
      this.changes += BigInt(item.updatedAt) - BigInt(this.stored[place]?.updatedAt ?? 0);
      this.newest = Math.max(this.newest, item.updatedAt);
      this.stored[place] = item;
      this.places.set(item.itemId, place);
    }
  }

  /**
   * Whether this is how the catalogue is now.
   * @param count its items
   * @param changes the sum of their `updatedAt`
   */
  isAt(count: number, changes: bigint): boolean {
    return this.stored.length === count && this.changes === changes;
  }
}
