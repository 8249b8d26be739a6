import type { InferenceSession } from '#onnxruntime';
import type { Artefact } from '#registry';
import { ScoringModel, type ScoringAnswer, type ScoringQuestion } from '#scoring';
import { MicroBatcher } from '#platform';

/**
 * One thread, because the requests of a second are many and each is small (two took 30% more processor time and doubled
 * the p99 on two busy cores); and it must not spin while there are none.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

/** onnxruntime multiplies 12 rows at a time. */
const largestBatch = 24;
/** Of questions that exclude much, as those with a filter do: each of a batch takes as much memory as the one that excludes most. */
const largestWideBatch = 4;
const wide = 2_000;

/** A model version ready to answer, in a thread of its own; questions that come together are answered together. */
export class ServingModel {
  private readonly batcher: MicroBatcher<ScoringQuestion, ScoringAnswer>;
  private readonly wideBatcher: MicroBatcher<ScoringQuestion, ScoringAnswer>;

  private constructor(
    readonly version: string,
    private readonly model: ScoringModel,
  ) {
    this.batcher = new MicroBatcher((questions) => model.score(questions), largestBatch);
    this.wideBatcher = new MicroBatcher((questions) => model.score(questions), largestWideBatch);
  }

  /** @throws DomainError `model_unusable` when the model does not load or its answer makes no sense. */
  static async load(artefact: Artefact): Promise<ServingModel> {
    return new ServingModel(
      artefact.manifest.version,
      await ScoringModel.ofArtefact(artefact, sessionOptions, 'thread'),
    );
  }

  /** So many items it knows; their indexes are 1 to this. */
  get itemCount(): number {
    return this.model.itemIds.length;
  }

  /** The indexes of those items that it knows, in their order. */
  encode(itemIds: Iterable<string>): number[] {
    const indexes: number[] = [];
    for (const itemId of itemIds) {
      const index = this.indexOf(itemId);
      if (index !== undefined) indexes.push(index);
    }
    return indexes;
  }

  /** The index of an item, from 1; undefined for one that the model does not know. */
  indexOf(itemId: string): number | undefined {
    return this.model.indexOf(itemId);
  }

  /** The item with an index, from 1; undefined beyond the vocabulary. */
  itemAt(index: number): string | undefined {
    return this.model.itemAt(index);
  }

  /**
   * Rejects when the model fails. Must not be called after {@link retire}.
   * @param deadline in milliseconds of `performance.now()`: rejects with `TooLate` when its turn does not come before
   */
  rank(question: ScoringQuestion, deadline?: number): Promise<ScoringAnswer> {
    return (question.alwaysExcluded.length > wide ? this.wideBatcher : this.batcher).ask(question, deadline);
  }

  /** Frees the memory once the questions under way are answered. */
  async retire(): Promise<void> {
    await this.batcher.idle();
    await this.wideBatcher.idle();
    await this.model.release();
  }
}
