import { kthLargest } from './kth-largest.js';

/** Items, best first, with their parts of all the evidence that was found. */
export interface Suggestions {
  readonly items: Int32Array;
  /** Each item's part of the evidence for all items, also those not returned: above 0, at most 1 together. */
  readonly shares: Float32Array;
}

/**
 * Adds up what speaks for each item. Its arrays are as long as the catalogue and used again, so that an answer costs
 * only as much as the items that it touches.
 */
export class Evidence {
  private readonly amounts: Float64Array;
  private readonly touched: Int32Array;
  private touchedCount = 0;
  private total = 0;

  /** @param itemCount item indexes run from 1 to this */
  constructor(itemCount: number) {
    this.amounts = new Float64Array(itemCount + 1);
    this.touched = new Int32Array(itemCount + 1);
  }

  /** @param amount from 0 */
  add(item: number, amount: number): void {
    if (amount === 0) return;
    const before = this.amounts[item] as number;
    if (before === 0) this.touched[this.touchedCount++] = item;
    this.amounts[item] = before + amount;
    this.total += amount;
  }

  /** The items with the most evidence, of equals the lower index first; forgets everything. */
  take(count: number): Suggestions {
    const found = this.touched.subarray(0, this.touchedCount);
    const items = this.best(found, count);
    const shares = new Float32Array(items.length);
    for (let i = 0; i < items.length; i++) shares[i] = (this.amounts[items[i] as number] as number) / this.total;
    for (const item of found) this.amounts[item] = 0;
    this.touchedCount = 0;
    this.total = 0;
    return { items, shares };
  }

  private best(found: Int32Array, count: number): Int32Array {
    const { amounts } = this;
    const amountOf = (item: number): number => amounts[item] as number;
    let candidates = found.slice();
    if (found.length > count && count > 0) {
      // A plain loop: `from` with a function takes several times as long, and `filter` too.
      const unordered = new Float64Array(found.length);
      for (let i = 0; i < found.length; i++) unordered[i] = amounts[found[i] as number] as number;
      const least = kthLargest(unordered, count);
      let kept = 0;
      for (const item of found) if ((amounts[item] as number) >= least) candidates[kept++] = item;
      candidates = candidates.subarray(0, kept);
    }
    return candidates.sort((a, b) => amountOf(b) - amountOf(a) || a - b).slice(0, count);
  }
}
