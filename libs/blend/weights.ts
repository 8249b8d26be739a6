import { ITEM_FEATURES } from './item-features.js';
import { REPEAT_FEATURES } from './repeat-features.js';

/**
 * How network and neighbours answer together. With the network's probability n(i) of an item and the neighbours' share s(i),
 * the answer is p(i) in proportion to (w n(i) + (1 - w) s(i)) exp(a . item features(i)) exp(b . repeat features(i, session)):
 * a mixture of probabilities that is then calibrated by what is known of the item and of the session, as in a conditional
 * logit model (McFadden 1974).
 */
export interface BlendWeights {
  /** w, above 0 and at most 1. */
  readonly networkShare: number;
  /** a, one weight for each of {@link ITEM_FEATURES}. */
  readonly items: readonly number[];
  /** b, one weight for each of {@link REPEAT_FEATURES}. */
  readonly repeats: readonly number[];
}

/** The mixture alone, for a shop with too few sessions to learn more; the share is what three public data sets agree on. */
export const neutralBlend: BlendWeights = {
  networkShare: 0.6,
  items: ITEM_FEATURES.map(() => 0),
  repeats: REPEAT_FEATURES.map(() => 0),
};
