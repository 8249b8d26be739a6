import type { RecommendationSource } from '#domain';
import type { Selection } from '../selection.js';

/** What a strategy is asked for. */
export interface Wish {
  readonly store: string;
  /** The items of the session, oldest first. */
  readonly session: readonly string[];
  /** Whose history may be looked at; null for nobody's. */
  readonly visitorId: string | null;
  /** At most this many candidates. */
  readonly count: number;
  /** Not among the candidates: by the session, the caller, or because it is chosen already. */
  readonly excluded: ReadonlySet<string>;
  /** Not among the candidates either; shared between requests. */
  readonly unavailable: ReadonlySet<string>;
  /** What the filter lets through; null when there is none. */
  readonly selection: Selection | null;
  /** Candidates that come later than this, in milliseconds of `performance.now()`, are of no use. Without it there is no hurry. */
  readonly deadline?: number;
}

/** An item that a strategy offers; the scores of one strategy, which are at least 0, can be compared with each other only. */
export interface Candidate {
  readonly itemId: string;
  readonly score: number;
  /** What brought it, where that is not the strategy's own source. */
  readonly source?: RecommendationSource;
  /** The item of the session, or of the cart, that led to it; absent where there is none. */
  readonly because?: string;
}

/**
 * One way to find items. Gives the best first, each once, fewer than asked (or none) when it has no more. The score of an item follows from
 * the session and the visitor, not from what else is wanted: rules merge what it gives for several selections.
 */
export interface Strategy {
  readonly source: RecommendationSource;
  candidates(wish: Wish): Promise<readonly Candidate[]>;
}

/** Whether an item may be among the candidates. */
export function isWanted(
  { excluded, unavailable, selection }: Pick<Wish, 'excluded' | 'unavailable' | 'selection'>,
  itemId: string,
): boolean {
  return !excluded.has(itemId) && !unavailable.has(itemId) && (selection?.has(itemId) ?? true);
}

/** The first `wish.count` of the candidates, best first, that may be given. */
export function firstWanted(candidates: Iterable<Candidate>, wish: Wish): Candidate[] {
  const wanted: Candidate[] = [];
  for (const candidate of candidates) {
    if (wanted.length === wish.count) break;
    if (isWanted(wish, candidate.itemId)) wanted.push(candidate);
  }
  return wanted;
}
