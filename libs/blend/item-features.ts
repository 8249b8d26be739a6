import type { EncodedSessions } from '#domain';

/**
 * What is known of an item whatever the session, as logarithms of ratios, so that an item of which nothing stands out has zeros:
 * its clicks against the mean item's, and its clicks among the newest 1% and 5% of all clicks against what it would have there if
 * it were asked for as ever. Each count is one higher than it is, so that rare items keep near 0.
 */
export const ITEM_FEATURES = ['clicks', 'trend of the newest 1%', 'trend of the newest 5%'] as const;

const TREND_SHARES = [0.01, 0.05] as const;

/** [itemCount + 1, features], row by row, from the sessions that the model is trained on. */
export function itemFeatures({ items }: EncodedSessions, itemCount: number): Float32Array {
  const all = countClicks(items, itemCount);
  const newest = TREND_SHARES.map((share) =>
    countClicks(items.subarray(Math.floor(items.length * (1 - share))), itemCount),
  );
  const mean = items.length / itemCount;
  const features = new Float32Array((itemCount + 1) * ITEM_FEATURES.length);
  for (let item = 1; item <= itemCount; item++) {
    const clicks = all[item] as number;
    features.set(
      [
        Math.log((1 + clicks) / (1 + mean)),
        ...TREND_SHARES.map((share, i) => Math.log((1 + (newest[i]?.[item] ?? 0)) / (1 + share * clicks))),
      ],
      item * ITEM_FEATURES.length,
    );
  }
  return features;
}

/** [itemCount + 1]: what the probability of each item is multiplied with. */
export function itemFactors(features: Float32Array, weights: readonly number[]): Float32Array {
  const width = ITEM_FEATURES.length;
  return Float32Array.from({ length: features.length / width }, (_, item) =>
    Math.exp(weights.reduce((sum, weight, i) => sum + weight * (features[item * width + i] as number), 0)),
  );
}

function countClicks(items: Int32Array, itemCount: number): Int32Array {
  const clicks = new Int32Array(itemCount + 1);
  for (const item of items) clicks[item] = (clicks[item] as number) + 1;
  return clicks;
}
