import type { Catalogue } from '#catalog';
import { inSlices } from '#platform';
import type { Candidate } from './strategy.js';

/** Items of a list and of a catalogue, best first. */
export interface Ranking {
  /** Their places; of an item that only the list has, the number of its entry, from 0, with all bits inverted, which is negative. */
  readonly places: Int32Array;
  readonly scores: Float64Array;
}

/** Puts lists of candidates into the terms of a catalogue, each once. */
export class Rankings {
  private readonly known = new WeakMap<readonly Candidate[], { catalogue: Catalogue; ranking: Promise<Ranking> }>();

  /**
   * A list in the terms of a catalogue.
   * @param others whether the items of the catalogue that the list lacks follow, with score 0
   */
  of(list: readonly Candidate[], catalogue: Catalogue, others: boolean): Promise<Ranking> {
    const known = this.known.get(list);
    if (known?.catalogue === catalogue) return known.ranking;
    const ranking = rank(list, catalogue, others);
    this.known.set(list, { catalogue, ranking });
    return ranking;
  }
}

async function rank(list: readonly Candidate[], catalogue: Catalogue, others: boolean): Promise<Ranking> {
  const most = list.length + (others ? catalogue.items.length : 0);
  const places = new Int32Array(most);
  const scores = new Float64Array(most);
  const ranked = new Uint8Array(catalogue.items.length);
  let length = 0;
  await inSlices(list.length, (i) => {
    const { itemId, score } = list[i] as Candidate;
    const place = catalogue.placeOf(itemId);
    places[length] = place ?? ~i;
    scores[length] = score;
    if (place !== undefined) ranked[place] = 1;
    length += 1;
  });
  if (others) {
    await inSlices(catalogue.items.length, (place) => {
      if (ranked[place] === 0) places[length++] = place;
    });
  }
  return { places: places.subarray(0, length), scores };
}
