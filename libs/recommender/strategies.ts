import { ModelMasks } from './model-masks.js';
import type { ModelsInService } from './models-in-service.js';
import type { PopularityLists } from './popularity-lists.js';
import { Rankings } from './ranking.js';
import type { Selection } from './selection.js';
import { isWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/** What the model in service, network and neighbours, expects next. Offers nothing without a model, or when that knows no item. */
export class ModelStrategy implements Strategy {
  readonly source = 'network';
  private readonly masks = new ModelMasks();

  constructor(private readonly models: ModelsInService) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const model = this.models.current(wish.store);
    if (!model || wish.selection?.size === 0) return [];
    const places = wish.selection && (await this.masks.placesIn(wish.selection.catalogue, model));
    // Another may have come into service meanwhile, and this one be retired.
    if (this.models.current(wish.store) !== model) return this.candidates(wish);
    const items = model.encode(wish.session);
    if (items.length === 0) return [];
    const { ids, scores, sources } = await model.rank({
      items,
      excluded: [...wish.excluded].flatMap((itemId) => model.indexOf(itemId) ?? []),
      alwaysExcluded: this.masks.barred(wish, model, places),
      count: wish.count,
    });
    return ids.flatMap((id, i) => {
      const [itemId, score, source] = [model.itemAt(id), scores[i], sources[i]];
      if (itemId === undefined || score === undefined || source === undefined || !Number.isFinite(score)) return [];
      // Excluded items stand last when the model ran out of others.
      return isWanted(wish, itemId) ? [{ itemId, score, source }] : [];
    });
  }
}

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
