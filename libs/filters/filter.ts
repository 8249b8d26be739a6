/** The largest filter. */
export const FILTER_LIMITS = {
  /** Levels of `and`, `or` and `not` within each other. */
  depth: 5,
  /** Comparisons in all. */
  conditions: 50,
  /** Values of an `in`. */
  values: 1_000,
  /** UTF-16 code units of a text or of the name of a field. */
  text: 1_000,
} as const;

/** What a value is compared with. */
export type FilterValue = string | number | boolean;

/** What the item looked at now, the newest of the session, has in a field, multiplied with `times` where that is given. */
export interface ContextValue {
  readonly context: string;
  readonly times?: number;
}

/**
 * A comparison of one field of the item: `itemId`, `price` ..., or `attributes.NAME`. Of several operators all must hold; of a field
 * that is a list, for one and the same entry. A value that is missing, on either side, fits no operator but `exists`.
 */
export interface Condition {
  readonly field: string;
  readonly eq?: FilterValue | ContextValue;
  readonly in?: readonly FilterValue[] | ContextValue;
  readonly gt?: FilterValue | ContextValue;
  readonly gte?: FilterValue | ContextValue;
  readonly lt?: FilterValue | ContextValue;
  readonly lte?: FilterValue | ContextValue;
  readonly exists?: boolean;
}

/** Which items may be in an answer, in the form of the HTTP contract. `parseFilter` makes one: valid, and equal ones as equal JSON. */
export type Filter =
  { readonly and: readonly Filter[] } | { readonly or: readonly Filter[] } | { readonly not: Filter } | Condition;
