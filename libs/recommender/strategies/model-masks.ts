import type { Catalogue } from '#catalog';
import { inSlices } from '#platform';
import type { Selection } from '../selection.js';
import type { ServingModel } from '../serving-model.js';
import type { Wish } from './strategy.js';

/** For each index of a model, from 1, the place of its item in a catalogue; -1 without one. */
type Places = Int32Array;

/** What a wish bars, in the indexes of a model. What many wishes share is translated once per model. */
export class ModelMasks {
  private readonly unavailable = new WeakMap<ReadonlySet<string>, { model: ServingModel; indexes: BigInt64Array }>();
  private readonly selected = new WeakMap<
    Selection,
    { off: BigInt64Array; model: ServingModel; barred: BigInt64Array }
  >();
  private readonly places = new WeakMap<ServingModel, { catalogue: Catalogue; places: Promise<Places> }>();

  /** To be awaited before {@link barred} for a catalogue whose items a filter selects. */
  placesIn(catalogue: Catalogue, model: ServingModel): Promise<Places> {
    const known = this.places.get(model);
    if (known?.catalogue === catalogue) return known.places;
    const places = translate(catalogue, model);
    this.places.set(model, { catalogue, places });
    return places;
  }

  /**
   * The indexes of all that is unavailable or not selected.
   * @param places in the catalogue of the selection; null when there is none
   */
  barred({ unavailable, selection }: Wish, model: ServingModel, places: Places | null): BigInt64Array {
    const off = this.indexesOf(unavailable, model);
    if (!selection || !places) return off;
    const known = this.selected.get(selection);
    if (known?.model === model && known.off === off) return known.barred;
    const barred = new BigInt64Array(off.length + model.itemCount);
    barred.set(off);
    let length = off.length;
    // The low halves of the numbers: making a BigInt for each of all items takes ten times as long.
    const halves = new Int32Array(barred.buffer);
    for (let index = 1; index <= model.itemCount; index++) {
      if (selection.hasPlace(places[index] as number)) continue;
      halves[2 * length + lowHalf] = index;
      length += 1;
    }
    const cut = barred.slice(0, length);
    this.selected.set(selection, { off, model, barred: cut });
    return cut;
  }

  private indexesOf(unavailable: ReadonlySet<string>, model: ServingModel): BigInt64Array {
    const known = this.unavailable.get(unavailable);
    if (known?.model === model) return known.indexes;
    const indexes = new BigInt64Array(unavailable.size);
    let length = 0;
    for (const itemId of unavailable) {
      const index = model.indexOf(itemId);
      if (index !== undefined) indexes[length++] = BigInt(index);
    }
    const translated = indexes.subarray(0, length);
    this.unavailable.set(unavailable, { model, indexes: translated });
    return translated;
  }
}

/** Which 32 bits of 64 are the lower ones, on this machine. */
const lowHalf = new Int32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

async function translate(catalogue: Catalogue, model: ServingModel): Promise<Places> {
  const places = new Int32Array(model.itemCount + 1).fill(-1);
  await inSlices(model.itemCount, (i) => {
    const itemId = model.itemAt(i + 1);
    if (itemId !== undefined) places[i + 1] = catalogue.placeOf(itemId) ?? -1;
  });
  return places;
}
