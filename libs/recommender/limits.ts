import { PLACEMENT_LIMITS } from '#placements';

/** The largest request for recommendations. */
export const LIMITS = {
  /** Items in an answer. */
  count: PLACEMENT_LIMITS.count,
  /** Items of a session; of a longer stored session the newest are taken. */
  items: 1_000,
  /** Items that a request may exclude by name. */
  exclude: PLACEMENT_LIMITS.exclude,
  /** Placements in a batch. */
  placements: 20,
} as const;
