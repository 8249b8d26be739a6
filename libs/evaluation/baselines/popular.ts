import type { EncodedSessions } from '#domain';
import { clicksByItem, itemsByScore } from '../catalogue.js';
import type { Ranker } from '../protocol.js';
import { LIST_LENGTH } from './item-lists.js';

const HALF_LIFE_MS = 86_400_000;

/** The items with the most clicks in training, the same to everyone; equal counts by the lower index. */
export const popular = (training: EncodedSessions, itemCount: number): Ranker<number> =>
  sameForAll(clicksByItem(training, itemCount));

/**
 * The items with the most clicks of late: a click counts half for every day that its session ended before the newest session.
 * The same to everyone; equal sums by the lower index.
 */
export function recentlyPopular({ items, offsets, endedAt }: EncodedSessions, itemCount: number): Ranker<number> {
  const newest = endedAt.reduce((latest, end) => Math.max(latest, end), -Infinity);
  const scores = new Float64Array(itemCount + 1);
  for (const [session, end] of endedAt.entries()) {
    const weight = 2 ** ((end - newest) / HALF_LIFE_MS);
    for (const item of items.subarray(offsets[session], offsets[session + 1])) {
      scores[item] = (scores[item] as number) + weight;
    }
  }
  return sameForAll(scores);
}

function sameForAll(scores: Float64Array): Ranker<number> {
  const best = itemsByScore(scores).slice(0, LIST_LENGTH);
  return (prefixes) => Promise.resolve(prefixes.map(() => best));
}
