import type { EncodedSessions } from '#domain';
import type { Ranker } from '../protocol.js';
import { listsByNewestItem } from './item-lists.js';
import { occurrences } from './occurrences.js';

/** As the authors' code has it. */
const DAMPING = 20;
/** Of a session with more different items only the newest count: pairs grow with the square, and robots' sessions have no end. */
const MOST_ITEMS = 200;

/**
 * Item-kNN (Hidasi et al., Session-based Recommendations with Recurrent Neural Networks, 2016): the items most similar to
 * the newest one of the prefix, by the cosine of the sessions that they are in,
 * `together / sqrt((sessions of one + 20) * (sessions of the other + 20))`, where 20 dampens chance meetings of rare items.
 * Never the item itself. Equal similarities by the lower index.
 */
export function itemKnn(training: EncodedSessions, itemCount: number): Ranker<number> {
  const distinct = distinctItems(training, itemCount);
  const { items, offsets } = distinct;
  const { starts, places, sessionOf } = occurrences(distinct, itemCount);
  // The other root is the same for a whole list, so it changes no order.
  const weights = Float64Array.from({ length: itemCount + 1 }, (_, item) => {
    const sessions = (starts[item + 1] as number) - (starts[item] as number);
    return 1 / Math.sqrt(sessions + DAMPING);
  });
  return listsByNewestItem(itemCount, (item, scores) => {
    for (const place of places.subarray(starts[item], starts[item + 1])) {
      const session = sessionOf[place] as number;
      const end = offsets[session + 1] as number;
      for (let other = offsets[session] as number; other < end; other++) {
        const met = items[other] as number;
        if (met !== item) scores.add(met, weights[met] as number);
      }
    }
  });
}

/** Every item of a session once, from its newest click back. */
function distinctItems({ items, offsets, endedAt }: EncodedSessions, itemCount: number): EncodedSessions {
  const lastSession = new Int32Array(itemCount + 1).fill(-1);
  const kept = new Int32Array(items.length);
  const ends = new Int32Array(offsets.length);
  let count = 0;
  for (let session = 0; session < endedAt.length; session++) {
    const most = count + MOST_ITEMS;
    const first = offsets[session] as number;
    for (let place = (offsets[session + 1] as number) - 1; place >= first && count < most; place--) {
      const item = items[place] as number;
      if (lastSession[item] === session) continue;
      lastSession[item] = session;
      kept[count++] = item;
    }
    ends[session + 1] = count;
  }
  return { items: kept.subarray(0, count), offsets: ends, endedAt };
}
