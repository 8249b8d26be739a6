/** The largest request for recommendations. */
export const LIMITS = {
  /** Items in an answer. */
  count: 100,
  /** Items of a session; of a longer stored session the newest are taken. */
  items: 1_000,
  /** Items that a request may exclude by name. */
  exclude: 1_000,
} as const;
