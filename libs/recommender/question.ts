import type { RepeatMode, StrategyName } from '#domain';
import type { Filter } from '#filters';
import { DEFAULT_SETTINGS, type PlacementSettings } from '#placements';
import { rulesInForce, type RulesInForce } from './rules.js';

/** Who asks, within `LIMITS`. */
export interface Asker {
  /** The session, oldest first. When absent, the open session of the visitor is read. */
  readonly items?: readonly string[];
  readonly visitorId?: string;
  /** The shop's own name of the visitor's session. */
  readonly sessionId?: string;
  /** False: nothing that is stored of the visitor is read, and `items` is all that is known. */
  readonly consent?: boolean;
}

/** What is asked for, within `LIMITS`; what is absent is as the placement says. */
export interface Wanted {
  /** The name of a placement; absent for an answer by the default settings. */
  readonly placement?: string;
  readonly count?: number;
  readonly repeat?: RepeatMode;
  /** Never in the answer, besides what the placement excludes. */
  readonly exclude?: readonly string[];
  readonly excludeCart?: boolean;
  readonly excludeBoughtDays?: number;
  /** Only items that it, and the placement's, let through are in the answer. Its context is the newest item of the session. */
  readonly filter?: Filter;
}

/** A question for the next items. */
export interface RecommendationRequest extends Asker, Wanted {}

/** Questions for several places of one page. */
export interface BatchRequest extends Asker {
  /** In none of the answers. */
  readonly exclude?: readonly string[];
  /** The earlier ones choose first. */
  readonly placements: readonly (Wanted & { readonly placement: string })[];
}

/** All that decides about an answer beside the visitor: what is wanted, with the settings of the placement. */
export interface Question {
  /** In the order in which they are asked. */
  readonly strategies: readonly StrategyName[];
  readonly count: number;
  readonly repeat: RepeatMode;
  readonly exclude: readonly string[];
  readonly excludeCart: boolean;
  /** Undefined: what was bought may come. */
  readonly excludeBoughtDays: number | undefined;
  /** All of them must let an item through. */
  readonly filters: readonly Filter[];
  readonly diversity: number;
  readonly rules: RulesInForce;
}

/**
 * @param settings of the placement
 * @param now milliseconds since the epoch
 */
export function questionOf(wanted: Wanted, settings: PlacementSettings = DEFAULT_SETTINGS, now = Date.now()): Question {
  return {
    strategies: strategiesOf(settings),
    count: wanted.count ?? settings.count,
    repeat: wanted.repeat ?? settings.repeat,
    exclude: [...settings.exclude, ...(wanted.exclude ?? [])],
    excludeCart: wanted.excludeCart ?? settings.excludeCart,
    excludeBoughtDays: wanted.excludeBoughtDays ?? settings.excludeBoughtDays,
    filters: [settings.filter, wanted.filter].filter((filter) => filter !== undefined),
    diversity: settings.diversity,
    rules: rulesInForce(settings.rules, now),
  };
}

/** With fallbacks the popular items come last, so that the answer is full. */
function strategiesOf({ strategy, fallbacks }: PlacementSettings): readonly StrategyName[] {
  const last: readonly StrategyName[] = fallbacks.length > 0 ? ['popular'] : [];
  return [...new Set([strategy, ...fallbacks, ...last])];
}
