/** An item of the shop's catalogue. */
export interface Item {
  readonly store: string;
  readonly itemId: string;
  readonly title?: string;
  readonly url?: string;
  readonly imageUrl?: string;
  readonly price?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** From the general to the particular. */
  readonly categories: readonly string[];
  /** False takes it out of every answer. */
  readonly available: boolean;
  /** On sale from this time on, in milliseconds since the epoch. */
  readonly availableFrom?: number;
  /** No longer on sale at this time, in milliseconds since the epoch. */
  readonly availableUntil?: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}
