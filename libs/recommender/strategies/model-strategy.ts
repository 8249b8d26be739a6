import type { ScoringAnswer } from '#scoring';
import type { ModelsInService } from '../models-in-service.js';
import type { ServingModel } from '../serving-model.js';
import type { Because } from './because.js';
import { ModelMasks } from './model-masks.js';
import { isWanted, type Candidate, type Strategy, type Wish } from './strategy.js';

type Found = Required<Omit<Candidate, 'because'>>;

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
      excluded: model.encode(wish.excluded),
      alwaysExcluded: this.masks.barred(wish, model, places),
      count: wish.count,
    };
    const found = wanted(await model.rank(question, wish.deadline), model, wish);
    const reasons = await explain(found.map(({ itemId }) => itemId));
    // Field by field: what is made by spreading, V8 of Node 20 puts among its old objects, and then has to look through all of them often.
    return found.map(({ itemId, score, source }, place): Candidate => {
      const because = reasons[place];
      return because === undefined ? { itemId, score, source } : { itemId, score, source, because };
    });
  }
}

/** The items of an answer, without the excluded ones that stand last in it when the model ran out of others. */
function wanted({ ids, scores, sources }: ScoringAnswer, model: ServingModel, wish: Wish): Found[] {
  const found: Found[] = [];
  for (let i = 0; i < ids.length; i++) {
    const itemId = model.itemAt(ids[i] as number);
    const [score, source] = [scores[i], sources[i]];
    if (itemId === undefined || score === undefined || source === undefined || !Number.isFinite(score)) continue;
    if (isWanted(wish, itemId)) found.push({ itemId, score, source });
  }
  return found;
}
