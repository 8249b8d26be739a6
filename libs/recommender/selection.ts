import type { Catalogue } from '#catalog';
import { inSlices } from '#platform';

/** Which items of a catalogue are let through, and whether those are that the catalogue does not have. */
export class Selection {
  private constructor(
    readonly catalogue: Catalogue,
    /** Whether items that the catalogue does not have are let through. */
    readonly others: boolean,
    /** By place: the number of the selection that the item belongs to. */
    private readonly numbers: Uint16Array,
    /** The number of this one. */
    private readonly number: number,
    /** So many items of the catalogue. */
    readonly size: number,
  ) {}

  /**
   * Puts each item of a catalogue into at most one selection, a few milliseconds at a time.
   * @param keyOf the key of an item's selection; undefined for an item that is in none
   * @param othersKey the key of the selection that items which the catalogue does not have belong to; undefined when they are in none
   * @returns by key; only selections that have something
   */
  static async partition<Key>(
    catalogue: Catalogue,
    keyOf: (item: Catalogue['items'][number]) => Key | undefined,
    othersKey: Key | undefined,
  ): Promise<Map<Key, Selection>> {
    const numbers = new Uint16Array(catalogue.items.length);
    const known = new Map<Key, { number: number; size: number }>();
    const found = (key: Key): { number: number; size: number } => {
      let one = known.get(key);
      // 0 is for items that are in none.
      if (!one) known.set(key, (one = { number: known.size + 1, size: 0 }));
      return one;
    };
    await inSlices(catalogue.items.length, (place) => {
      const item = catalogue.items[place];
      const key = item && keyOf(item);
      if (key === undefined) return;
      const one = found(key);
      numbers[place] = one.number;
      one.size += 1;
    });
    if (othersKey !== undefined) found(othersKey);
    return new Map(
      [...known].map(([key, { number, size }]) => [
        key,
        new Selection(catalogue, key === othersKey, numbers, number, size),
      ]),
    );
  }

  /** Whether nothing is let through. */
  get isEmpty(): boolean {
    return this.size === 0 && !this.others;
  }

  has(itemId: string): boolean {
    return this.hasPlace(this.catalogue.placeOf(itemId) ?? -1);
  }

  /** @param place in the catalogue; a negative one is that of an item which it does not have */
  hasPlace(place: number): boolean {
    return place < 0 ? this.others : this.numbers[place] === this.number;
  }
}
