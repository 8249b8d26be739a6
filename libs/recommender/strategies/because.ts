import type { Related, RelatedItems } from '../related-items.js';
import { newestDistinct } from './similar-items.js';

/** So many items of the session are looked at, from the newest. */
const sessionItems = 5;
/** An answer waits no longer for what goes with its session, once the model is done. */
const patienceMs = 20;

/** The item of the session that led to each of some items, by place; undefined where none did. */
type Reasons = readonly (string | undefined)[];

/** Says which item of the session led to the items that a model found: the one they are most similar to, the newest of equals. */
export class Because {
  constructor(private readonly related: Pick<RelatedItems, 'of'>) {}

  /**
   * Begins to read what is similar to the newest items of the session. The result explains items, once they are found; it never fails,
   * and explains nothing when it cannot.
   */
  prepare(store: string, session: readonly string[]): (itemIds: readonly string[]) => Promise<Reasons> {
    const newest = newestDistinct(session, sessionItems);
    let read: readonly Related[] | undefined;
    const reading = this.related.of(store, 'similar', newest).then(
      (lists) => (read = lists),
      () => (read = []),
    );
    return async (itemIds) => {
      const known = read ?? (await Promise.race([reading, nothingAfter(patienceMs)]));
      const places = new Map(itemIds.map((itemId, place) => [itemId, place]));
      const best = new Float64Array(itemIds.length);
      const because: string[] = [];
      // Plain loops: iterators take five times as long here, in every answer.
      for (let n = 0; n < known.length; n++) {
        const { itemIds: similar, scores } = known[n] as Related;
        for (let rank = 0; rank < similar.length; rank++) {
          const place = places.get(similar[rank] as string);
          if (place === undefined || (scores[rank] as number) <= (best[place] as number)) continue;
          best[place] = scores[rank] as number;
          because[place] = newest[n] as string;
        }
      }
      return because;
    };
  }
}

function nothingAfter(ms: number): Promise<[]> {
  return new Promise((resolve) => setTimeout(resolve, ms, []).unref());
}
