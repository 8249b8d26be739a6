import type { EncodedSessions } from '#domain';
import type { PopularityBand } from './report.js';

const BANDS = 10;

/** [itemCount + 1], the clicks of each item index; 0 at index 0, which is no item. */
export function clicksByItem({ items }: EncodedSessions, itemCount: number): Float64Array {
  const clicks = new Float64Array(itemCount + 1);
  for (const item of items) clicks[item] = (clicks[item] as number) + 1;
  clicks[0] = 0;
  return clicks;
}

/**
 * The item indexes from 1, the highest score first; equal scores by the lower index.
 * @param scores [items + 1], by item index.
 */
export function itemsByScore(scores: Float64Array): Int32Array {
  return Int32Array.from({ length: scores.length - 1 }, (_, place) => place + 1).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
}

/**
 * [items + 1], each item's popularity rank: the share of the other items that have fewer clicks, from 0 to 1. Items of equal clicks
 * share the mean of their ranks, so that the mean over the catalogue is always 1/2.
 * @param clicks [items + 1], by item index.
 */
export function popularityRanks(clicks: Float64Array): Float64Array {
  const ranks = new Float64Array(clicks.length);
  const items = itemsByScore(clicks).reverse();
  const last = Math.max(1, items.length - 1);
  for (let start = 0, end = 0; start < items.length; start = end) {
    while (end < items.length && clicks[items[end] as number] === clicks[items[start] as number]) end++;
    for (const item of items.subarray(start, end)) ranks[item] = (start + end - 1) / 2 / last;
  }
  return ranks;
}

/**
 * The catalogue in tenths, the most clicked items first; fewer than ten items leave some bands without any.
 * @param clicks [items + 1] in training, by item index, as are the others.
 * @param targets [items + 1], how often each item was the target.
 * @param recommended [items + 1], how often each item was recommended.
 */
export function popularityBands(
  clicks: Float64Array,
  targets: Float64Array,
  recommended: Float64Array,
): PopularityBand[] {
  const items = itemsByScore(clicks);
  return Array.from({ length: BANDS }, (_, band) => {
    const start = Math.floor((band * items.length) / BANDS);
    const own = items.subarray(start, Math.floor(((band + 1) * items.length) / BANDS));
    const share = (counts: Float64Array): number => sumOf(counts, own) / Math.max(1, sumOf(counts, items));
    return { band: band + 1, clicks: share(clicks), targets: share(targets), recommended: share(recommended) };
  });
}

const sumOf = (counts: Float64Array, items: Int32Array): number =>
  items.reduce((sum, item) => sum + (counts[item] as number), 0);
