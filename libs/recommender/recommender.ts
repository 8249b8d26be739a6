import { Injectable } from '@nestjs/common';
import { AnswerLedger } from '#attribution';
import type { Recommendation } from '#domain';
import { ItemChooser } from './item-chooser.js';
import { ModelsInService } from './models-in-service.js';
import { PlacementsInUse } from './placements-in-use.js';
import { questionOf, type BatchRequest, type Question, type RecommendationRequest, type Wanted } from './question.js';
import { Visits, type Visit } from './visits.js';

export interface RecommendationAnswer {
  /** Absent where the request named none. */
  readonly placement?: string;
  /** Unique; events may name it to say which answer led to them. */
  readonly requestId: string;
  /** The version in service; null before the first. */
  readonly model: string | null;
  /** Best first; fewer than asked for only when the shop has no more items that may be given, or wants no fallbacks. */
  readonly recommendations: readonly Recommendation[];
}

/** Answers what a visitor may want next. */
@Injectable()
export class Recommender {
  constructor(
    private readonly placements: PlacementsInUse,
    private readonly visits: Visits,
    private readonly chooser: ItemChooser,
    private readonly models: ModelsInService,
    private readonly ledger: AnswerLedger,
  ) {}

  /**
   * Always gives an answer while the database can be read; an empty one for a shop without sessions.
   * @throws DomainError `placement_not_found`
   */
  async recommend(store: string, request: RecommendationRequest): Promise<RecommendationAnswer> {
    const question = await this.question(store, request, 'placement');
    const visit = await this.visits.of(store, request);
    return this.answer(question, visit, request.placement, []);
  }

  /**
   * Answers for several places of one page, in their order. No item is in two of the answers, and none is chosen before all
   * placements are known.
   * @throws DomainError `placement_not_found` that names the place
   */
  async recommendAll(store: string, { placements, exclude, ...asker }: BatchRequest): Promise<RecommendationAnswer[]> {
    const questions = await Promise.all(
      placements.map((wanted, index) => this.question(store, wanted, `placements[${index}].placement`)),
    );
    const visit = await this.visits.of(store, asker);
    const taken = new Set(exclude);
    const answers: RecommendationAnswer[] = [];
    for (const [index, question] of questions.entries()) {
      const answer = await this.answer(question, visit, placements[index]?.placement, taken);
      for (const { itemId } of answer.recommendations) taken.add(itemId);
      answers.push(answer);
    }
    return answers;
  }

  /** To be called when items were added, changed or removed, so that the next answer knows. */
  catalogueChanged(store: string): void {
    this.chooser.catalogueChanged(store);
  }

  /** To be called when placements were stored or removed, so that the next answer knows. */
  placementsChanged(store: string): void {
    this.placements.changed(store);
  }

  /** @param place of the placement's name in the request */
  private async question(store: string, wanted: Wanted, place: string): Promise<Question> {
    if (wanted.placement === undefined) return questionOf(wanted);
    return questionOf(wanted, await this.placements.named(store, wanted.placement, place));
  }

  private async answer(
    question: Question,
    visit: Visit,
    placement: string | undefined,
    taken: Iterable<string>,
  ): Promise<RecommendationAnswer> {
    const model = this.models.current(visit.store)?.version ?? null;
    const recommendations = await this.chooser.choose(question, visit, taken);
    const { length: items } = recommendations;
    const requestId = this.ledger.issue(visit.store, { placement: placement ?? null, model, items });
    return placement === undefined
      ? { requestId, model, recommendations }
      : { placement, requestId, model, recommendations };
  }
}
