import type { Catalogue } from '#catalog';
import { inSlices } from '#platform';
import type { Candidate } from './strategy.js';

/** Items of a catalogue, best first. */
export interface Ranking {
  readonly places: Int32Array;
  readonly scores: Float64Array;
}

/** Puts lists of candidates into the terms of a catalogue, each once. */
export class Rankings {
  private readonly known = new WeakMap<readonly Candidate[], { catalogue: Catalogue; ranking: Promise<Ranking> }>();

  /**
   * What the catalogue has of a list.
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
  const places = new Int32Array(catalogue.items.length);
  const scores = new Float64Array(catalogue.items.length);
  const ranked = new Uint8Array(catalogue.items.length);
  let length = 0;
  await inSlices(list.length, (i) => {
    const { itemId, score } = list[i] as Candidate;
    const place = catalogue.placeOf(itemId);
    if (place === undefined) return;
    places[length] = place;
    scores[length] = score;
    ranked[place] = 1;
    length += 1;
  });
  if (others) {
    await inSlices(catalogue.items.length, (place) => {
      if (ranked[place] === 0) places[length++] = place;
    });
  }
  return { places: places.subarray(0, length), scores };
}
