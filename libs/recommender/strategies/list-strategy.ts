import type { ListName } from '../popularity-lists.js';
import type { Selection } from '../selection.js';
import { LIST_LENGTH, type StoreList } from '../store-list.js';
import { Rankings } from './ranking.js';
import { firstWanted, isWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/**
 * One of the store's lists: `trending`, items asked for more than usual during the last hours; `popular`, those that most
 * sessions had during the last weeks; or `new-arrivals`, those that came on sale last. With a filter all items that it lets
 * through are considered, and after the popular ones come those that no session had.
 */
export class ListStrategy implements Strategy {
  private readonly rankings = new Rankings();

  constructor(
    private readonly list: StoreList,
    readonly source: ListName,
  ) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    if (wish.selection) return this.selected(wish, wish.selection);
    const list = await this.list.of(wish.store);
    const wanted = firstWanted(list, wish);
    if (wanted.length === wish.count || list.length < LIST_LENGTH) return wanted;
    return firstWanted(await this.list.every(wish.store), wish);
  }

  private async selected(wish: Wish, selection: Selection): Promise<readonly Candidate[]> {
    const list = await this.list.every(wish.store);
    const { catalogue } = selection;
    const { places, scores } = await this.rankings.of(list, catalogue, this.source !== 'trending');
    const wanted: Candidate[] = [];
    for (let rank = 0; rank < places.length && wanted.length < wish.count; rank++) {
      const place = places[rank] as number;
      if (!selection.hasPlace(place)) continue;
      const { itemId } = (place < 0 ? list[~place] : catalogue.items[place]) ?? {};
      if (itemId !== undefined && isWanted(wish, itemId)) wanted.push({ itemId, score: scores[rank] as number });
    }
    return wanted;
  }
}
