import type { PopularityLists } from '../popularity-lists.js';
import type { Selection } from '../selection.js';
import { Rankings } from './ranking.js';
import { isWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/**
 * One of the store's lists: `trending`, items asked for more than usual during the last day, or `popular`, those that most
 * sessions had during the last weeks. With a filter all items that it lets through are considered, and after the popular ones
 * come those that no session had.
 */
export class ListStrategy implements Strategy {
  private readonly rankings = new Rankings();

  constructor(
    private readonly lists: PopularityLists,
    readonly source: 'trending' | 'popular',
  ) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    if (wish.selection) return this.selected(wish, wish.selection);
    const lists = await this.lists.of(wish.store);
    return firstWanted(lists[this.source], wish);
  }

  private async selected(wish: Wish, selection: Selection): Promise<readonly Candidate[]> {
    const whole = await this.lists.whole(wish.store);
    const { catalogue } = selection;
    const { places, scores } = await this.rankings.of(whole[this.source], catalogue, this.source === 'popular');
    const wanted: Candidate[] = [];
    for (let rank = 0; rank < places.length && wanted.length < wish.count; rank++) {
      const place = places[rank] as number;
      if (!selection.hasPlace(place)) continue;
      const { itemId } = catalogue.items[place] ?? {};
      if (itemId !== undefined && isWanted(wish, itemId)) wanted.push({ itemId, score: scores[rank] as number });
    }
    return wanted;
  }
}

function firstWanted(list: readonly Candidate[], wish: Wish): Candidate[] {
  const wanted: Candidate[] = [];
  for (const candidate of list) {
    if (wanted.length === wish.count) break;
    if (isWanted(wish, candidate.itemId)) wanted.push(candidate);
  }
  return wanted;
}
