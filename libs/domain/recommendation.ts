/** What brought an item into an answer. */
export type RecommendationSource = 'network' | 'neighbours' | 'trending' | 'popular';

/** One item of an answer. */
export interface Recommendation {
  readonly itemId: string;
  /** Higher is better; comparable only within one source of one answer. */
  readonly score: number;
  readonly source: RecommendationSource;
}

/** May an item of the session be recommended again? */
export const REPEAT_MODES = ['all', 'exceptCurrent', 'none'] as const;

export type RepeatMode = (typeof REPEAT_MODES)[number];
