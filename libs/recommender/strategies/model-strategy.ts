import type { ModelsInService } from '../models-in-service.js';
import type { Because } from './because.js';
import { ModelMasks } from './model-masks.js';
import { isWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

/** What the model in service, network and neighbours, expects next. Offers nothing without a model, or when that knows no item. */
export class ModelStrategy implements Strategy {
  readonly source = 'network';
  private readonly masks = new ModelMasks();

  constructor(
    private readonly models: ModelsInService,
    private readonly because: Because,
  ) {}

  async candidates(wish: Wish): Promise<readonly Candidate[]> {
    const model = this.models.current(wish.store);
    if (!model || wish.selection?.isEmpty) return [];
    const places = wish.selection && (await this.masks.placesIn(wish.selection.catalogue, model));
    // Another may have come into service meanwhile, and this one be retired.
    if (this.models.current(wish.store) !== model) return this.candidates(wish);
    const items = model.encode(wish.session);
    if (items.length === 0) return [];
    const explain = this.because.prepare(wish.store, wish.session);
    const question = {
      items,
      excluded: [...wish.excluded].flatMap((itemId) => model.indexOf(itemId) ?? []),
      alwaysExcluded: this.masks.barred(wish, model, places),
      count: wish.count,
    };
    const { ids, scores, sources } = await model.rank(question, wish.deadline);
    const found = ids.flatMap((id, i): Candidate[] => {
      const [itemId, score, source] = [model.itemAt(id), scores[i], sources[i]];
      if (itemId === undefined || score === undefined || source === undefined || !Number.isFinite(score)) return [];
      // Excluded items stand last when the model ran out of others.
      return isWanted(wish, itemId) ? [{ itemId, score, source }] : [];
    });
    const reasons = await explain(found.map(({ itemId }) => itemId));
    return found.map((candidate, place) => {
      const because = reasons[place];
      return because === undefined ? candidate : { ...candidate, because };
    });
  }
}
