import type { ModelsInService } from './models-in-service.js';
import type { PopularityLists } from './popularity-lists.js';
import type { Candidate, Strategy, Wish } from './strategy.js';

const isWanted = ({ excluded, unavailable }: Wish, itemId: string) => !excluded.has(itemId) && !unavailable.has(itemId);

/** What the model in service, network and neighbours, expects next. Offers nothing without a model, or when that knows no item. */
export class ModelStrategy implements Strategy {
  readonly source = 'network';
  private readonly encoded = new WeakMap<ReadonlySet<string>, { version: string; indexes: BigInt64Array }>();

  constructor(private readonly models: ModelsInService) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const model = this.models.current(wish.store);
    if (!model) return [];
    const items = model.encode(wish.session);
    if (items.length === 0) return [];
    const { ids, scores, sources } = await model.rank({
      items,
      excluded: [...wish.excluded].flatMap((itemId) => model.indexOf(itemId) ?? []),
      alwaysExcluded: this.indexesOf(wish.unavailable, model),
      count: wish.count,
    });
    return ids.flatMap((id, i) => {
      const [itemId, score, source] = [model.itemAt(id), scores[i], sources[i]];
      if (itemId === undefined || score === undefined || source === undefined || !Number.isFinite(score)) return [];
      // Excluded items stand last when the model ran out of others.
      return isWanted(wish, itemId) ? [{ itemId, score, source }] : [];
    });
  }

  /** The same set serves many requests, so it is translated once per model. */
  private indexesOf(
    unavailable: ReadonlySet<string>,
    model: { version: string; indexOf(itemId: string): number | undefined },
  ): BigInt64Array {
    const known = this.encoded.get(unavailable);
    if (known?.version === model.version) return known.indexes;
    const indexes = BigInt64Array.from(
      [...unavailable].flatMap((itemId) => model.indexOf(itemId) ?? []),
      BigInt,
    );
    this.encoded.set(unavailable, { version: model.version, indexes });
    return indexes;
  }
}

/**
 * One of the store's lists: `trending`, items asked for more than usual during the last day, or `popular`, those that most
 * sessions had during the last weeks.
 */
export class ListStrategy implements Strategy {
  constructor(
    private readonly lists: PopularityLists,
    readonly source: 'trending' | 'popular',
  ) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const lists = await this.lists.of(wish.store);
    return firstWanted(lists[this.source], wish);
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
