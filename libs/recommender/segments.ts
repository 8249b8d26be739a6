import type { Catalogue, CatalogueItem } from '#catalog';
import { compileFilter, contextValues, type Filter } from '#filters';
import type { Weight } from './rules.js';
import { Selection } from './selection.js';

/** Items whose scores are multiplied with the same factor. */
export interface Segment {
  /** 1 for items that no rule boosts or buries. */
  readonly factor: number;
  /** Null: all items. */
  readonly selection: Selection | null;
}

/** Which items may come, and what their scores are multiplied with. */
export interface Sieve {
  /** All of them must let an item through. */
  readonly filters: readonly Filter[];
  /** None of them may. */
  readonly hidden: readonly Filter[];
  /** Of those that fit an item the product counts. */
  readonly weights: readonly Weight[];
}

/** Of a sieve that lets everything through. */
export const EVERYTHING: readonly Segment[] = [{ factor: 1, selection: null }];

export function letsAllThrough({ filters, hidden, weights }: Sieve): boolean {
  return filters.length === 0 && hidden.length === 0 && weights.length === 0;
}

/** Sieves that are equal in this too make the same segments. */
export function sieveContext(sieve: Sieve, current: CatalogueItem | undefined): readonly unknown[] {
  return filtersOf(sieve).map((filter) => [...contextValues(filter, current)]);
}

/**
 * Sorts the items of a catalogue, each into one segment. An item that the catalogue does not have fits no filter: so it comes only when
 * there is none, and nothing hides, boosts or buries it.
 * @param current the item looked at now
 */
export async function segmentsOf(
  catalogue: Catalogue,
  sieve: Sieve,
  current: CatalogueItem | undefined,
): Promise<readonly Segment[]> {
  const compiled = (filter: Filter) => compileFilter(filter, contextValues(filter, current));
  const wanted = sieve.filters.map(compiled);
  const hidden = sieve.hidden.map(compiled);
  const weights = sieve.weights.map(({ filter, factor }) => ({ fits: compiled(filter), factor }));
  const factorOf = (item: CatalogueItem): number | undefined => {
    if (!wanted.every((fits) => fits(item)) || hidden.some((fits) => fits(item))) return undefined;
    let product = 1;
    for (const { fits, factor } of weights) if (fits(item)) product *= factor;
    return product;
  };
  const selections = await Selection.partition(catalogue, factorOf, sieve.filters.length === 0 ? 1 : undefined);
  return [...selections].map(([factor, selection]) => ({ factor, selection }));
}

const filtersOf = ({ filters, hidden, weights }: Sieve): Filter[] => [
  ...filters,
  ...hidden,
  ...weights.map(({ filter }) => filter),
];
