/** When an item is on sale; times in milliseconds since the epoch. */
export interface SaleWindow {
  readonly itemId: string;
  readonly available: boolean;
  /** The first moment; null when there is none. */
  readonly availableFrom: number | null;
  /** The first moment after; null when there is none. */
  readonly availableUntil: number | null;
}

/** Which items may not be in an answer, at any time. */
export class Availability {
  private offSale: ReadonlySet<string> = new Set();
  /** For what times `offSale` is right: from the first until before the second. */
  private right: readonly [from: number, until: number] = [0, 0];

  /** @param windows of the items that are not always on sale */
  constructor(private readonly windows: readonly SaleWindow[]) {}

  /**
   * Ids of the items that are not on sale. It is the same set until an item comes or goes.
   * @param now milliseconds since the epoch
   */
  offSaleAt(now: number): ReadonlySet<string> {
    const [from, until] = this.right;
    if (now < from || now >= until) this.compute(now);
    return this.offSale;
  }

  private compute(now: number): void {
    const offSale = new Set<string>();
    let next = Infinity;
    for (const { itemId, available, availableFrom, availableUntil } of this.windows) {
      const [begin, end] = [availableFrom ?? -Infinity, availableUntil ?? Infinity];
      if (!available || now < begin || now >= end) offSale.add(itemId);
      if (!available) continue;
      if (begin > now) next = Math.min(next, begin);
      if (end > now) next = Math.min(next, end);
    }
    this.offSale = offSale;
    this.right = [now, next];
  }
}
