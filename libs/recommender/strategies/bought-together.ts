import type { VisitorHistory } from '#visitors';
import type { RelatedItems } from '../related-items.js';
import { bestRelated } from './best-related.js';
import { firstWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/** So many items of the cart are looked at, those added last. */
const cartItems = 20;

/** What is bought together with the items in the visitor's cart, or, when that is empty, with the newest item of the session. */
export class BoughtTogether implements Strategy {
  readonly source = 'bought-together';

  constructor(
    private readonly related: RelatedItems,
    private readonly history: VisitorHistory,
  ) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const { store, visitorId } = wish;
    const cart = visitorId === null ? [] : await this.history.cart(store, visitorId);
    const items = cart.length > 0 ? cart.slice(-cartItems).reverse() : wish.session.slice(-1);
    const lists = await this.related.of(store, 'bought-together', items);
    const inCart = new Set(cart);
    return firstWanted(
      bestRelated(items, lists, 1).filter(({ itemId }) => !inCart.has(itemId)),
      wish,
    );
  }
}
