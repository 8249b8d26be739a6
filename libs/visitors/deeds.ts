/** What a visitor did with a cart, or bought: one event. */
export interface Deed {
  readonly type: 'add_to_cart' | 'remove_from_cart' | 'purchase';
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  /** Of a purchase, if the shop names it. */
  readonly orderId: string | null;
  readonly items: readonly { readonly itemId: string; readonly quantity?: number }[];
}

/** What a visitor bought of one item. */
export interface Purchased {
  readonly itemId: string;
  /** In so many orders. */
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

/**
 * The items in the cart, the one added last at the end: what was added less what was removed, one piece where no quantity is
 * said. Buying an item takes it out. A removal of what is not there is nothing.
 * @param deeds oldest first
 */
export function cartOf(deeds: Iterable<Deed>): string[] {
  const quantities = new Map<string, number>();
  for (const { type, items } of deeds) {
    for (const { itemId, quantity = 1 } of items) {
      const before = quantities.get(itemId) ?? 0;
      const after = { add_to_cart: before + quantity, remove_from_cart: before - quantity, purchase: 0 }[type];
      if (type === 'add_to_cart' || after <= 0) quantities.delete(itemId);
      if (after > 0) quantities.set(itemId, after);
    }
  }
  return [...quantities.keys()];
}

/**
 * The items bought, the one bought last first. Events of one order, by its id, are one purchase.
 * @param deeds purchases, oldest first
 */
export function purchasesOf(deeds: Iterable<Deed>): Purchased[] {
  const purchases = new Map<string, { firstAt: number; lastAt: number; orders: Set<string | number> }>();
  for (const { occurredAt, orderId, items } of deeds) {
    for (const { itemId } of items) {
      const known = purchases.get(itemId) ?? { firstAt: occurredAt, lastAt: occurredAt, orders: new Set() };
      known.lastAt = occurredAt;
      known.orders.add(orderId ?? occurredAt);
      purchases.delete(itemId);
      purchases.set(itemId, known);
    }
  }
  return [...purchases].map(([itemId, { orders, ...times }]) => ({ itemId, times: orders.size, ...times })).reverse();
}
