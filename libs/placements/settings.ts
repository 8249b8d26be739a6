import type { RepeatMode, StrategyName } from '#domain';
import type { Filter } from '#filters';

/** The largest placement. */
export const PLACEMENT_LIMITS = {
  /** Items in an answer. */
  count: 100,
  /** Items that are excluded by name. */
  exclude: 1_000,
  /** Days that a purchase is looked back for. */
  boughtDays: 3_650,
  rules: 100,
  /** Rules that boost or bury: a strategy is asked once for each product of factors that items have. */
  weights: 8,
  /** The largest boost; one divided by it is the smallest factor of a bury. */
  factor: 1_000,
} as const;

/** When a rule acts: from the first instant until before the second; without them always. ISO 8601. */
interface RuleTimes {
  readonly from?: string;
  readonly until?: string;
}

/** Puts an item at a position of the answer, from 1. */
export interface PinRule extends RuleTimes {
  readonly pin: string;
  readonly position: number;
}

/** Multiplies the scores of the items that a filter lets through, with a factor above 1. */
interface BoostRule extends RuleTimes {
  readonly boost: Filter;
  readonly factor: number;
}

/** Multiplies the scores of the items that a filter lets through, with a factor below 1. */
interface BuryRule extends RuleTimes {
  readonly bury: Filter;
  readonly factor: number;
}

/** Keeps out the items that a filter lets through. */
interface HideRule extends RuleTimes {
  readonly hide: Filter;
}

/** What a merchandiser wants, whatever the strategy finds. */
export type PlacementRule = PinRule | BoostRule | BuryRule | HideRule;

/** How the answers for one place of a shop's pages are made. */
export interface PlacementSettings {
  readonly strategy: StrategyName;
  /** Asked in this order for what the strategy leaves open. Unless there is none, popular items come after them. */
  readonly fallbacks: readonly StrategyName[];
  /** How many items, unless the request says. */
  readonly count: number;
  readonly repeat: RepeatMode;
  /** Only items that it lets through are in an answer. */
  readonly filter?: Filter;
  /** 0: as ranked; 1: as different in their categories as they can be. */
  readonly diversity: number;
  /** Never in an answer. */
  readonly exclude: readonly string[];
  /** Whether what is in the visitor's cart is excluded. */
  readonly excludeCart: boolean;
  /** What the visitor bought during so many days is excluded. */
  readonly excludeBoughtDays?: number;
  readonly rules: readonly PlacementRule[];
}

const byDefault: readonly StrategyName[] = ['trending', 'popular'];

/** What follows a strategy unless the shop says something else. */
export function fallbacksOf(strategy: StrategyName): readonly StrategyName[] {
  return byDefault.filter((name) => name !== strategy);
}

/** Of a request that names no placement. */
export const DEFAULT_SETTINGS: PlacementSettings = {
  strategy: 'next-item',
  fallbacks: fallbacksOf('next-item'),
  count: 20,
  repeat: 'exceptCurrent',
  diversity: 0,
  exclude: [],
  excludeCart: false,
  rules: [],
};
