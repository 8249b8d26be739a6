import type { EncodedSessions } from '#domain';
import type { Ranker } from '../protocol.js';
import { listsByNewestItem } from './item-lists.js';
import { occurrences } from './occurrences.js';

/** Later items than this many clicks on are not counted, as in the authors' code; it bounds what a very long session costs. */
const REACH = 10;

/**
 * Sequential rules (SR; Ludewig and Jannach, Evaluation of session-based recommendation algorithms, 2018): what came
 * after the newest item of the prefix in training sessions, each time weighted by 1 / its distance in clicks. The item itself is
 * recommended when it was clicked again. Equal sums by the lower index.
 */
export function markov(training: EncodedSessions, itemCount: number): Ranker<number> {
  const { items, offsets } = training;
  const { starts, places, sessionOf } = occurrences(training, itemCount);
  return listsByNewestItem(itemCount, (item, scores) => {
    for (const place of places.subarray(starts[item], starts[item + 1])) {
      const end = Math.min(place + REACH + 1, offsets[(sessionOf[place] as number) + 1] as number);
      for (let later = place + 1; later < end; later++) scores.add(items[later] as number, 1 / (later - place));
    }
  });
}
