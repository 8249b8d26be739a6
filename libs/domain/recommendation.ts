const withoutModel = [
  'similar-items',
  'bought-together',
  'trending',
  'popular',
  'new-arrivals',
  'recently-viewed',
  'buy-again',
] as const;

/** Ways to find items, which a placement can be given. */
export const STRATEGY_NAMES = ['next-item', ...withoutModel] as const;

export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** What can bring an item into an answer: a part of the model, another strategy, or a rule that pinned it. */
export const RECOMMENDATION_SOURCES = ['network', 'neighbours', ...withoutModel, 'rule'] as const;

export type RecommendationSource = (typeof RECOMMENDATION_SOURCES)[number];

/** One item of an answer. */
export interface Recommendation {
  readonly itemId: string;
  /** At least 0; higher is better; comparable only within one source of one answer. 0 for a pinned item. */
  readonly score: number;
  readonly source: RecommendationSource;
  /** The item of the session, or of the cart, that led to it; absent where there is none. */
  readonly because?: string;
  /** What the boost and bury rules that fit it multiplied its score by; absent where there is none. */
  readonly factor?: number;
}

/** May an item of the session be recommended again? */
export const REPEAT_MODES = ['all', 'exceptCurrent', 'none'] as const;

export type RepeatMode = (typeof REPEAT_MODES)[number];
