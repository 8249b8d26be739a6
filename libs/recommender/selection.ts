import type { Catalogue } from '#catalog';
import { inSlices } from '#platform';
import { compileFilter, type ContextValues } from './filters/compile-filter.js';
import type { Filter } from './filters/filter.js';

/** The items of a catalogue that a filter lets through. An item that the catalogue does not have is not among them. */
export class Selection {
  private constructor(
    readonly catalogue: Catalogue,
    /** By place: 1 for what is let through. */
    private readonly chosen: Uint8Array,
    /** So many items. */
    readonly size: number,
  ) {}

  /** Tests every item, a few milliseconds at a time. */
  static async of(catalogue: Catalogue, filter: Filter, context: ContextValues): Promise<Selection> {
    const { items } = catalogue;
    const chosen = new Uint8Array(items.length);
    const fits = compileFilter(filter, context);
    let size = 0;
    await inSlices(items.length, (place) => {
      const item = items[place];
      if (!item || !fits(item)) return;
      chosen[place] = 1;
      size += 1;
    });
    return new Selection(catalogue, chosen, size);
  }

  has(itemId: string): boolean {
    return this.hasPlace(this.catalogue.placeOf(itemId) ?? -1);
  }

  /** @param place in the catalogue; any other number is none */
  hasPlace(place: number): boolean {
    return this.chosen[place] === 1;
  }
}
