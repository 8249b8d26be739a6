import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DomainError } from '#domain';
import { decodeVocabulary, MODEL_FILE, VOCABULARY_FILE, type Artefact } from '#registry';
import { MicroBatcher } from './micro-batcher.js';

/** A session as item indexes (from 1, oldest first, at least one), and what must not come back. */
export interface NetworkQuestion {
  readonly items: readonly number[];
  readonly excluded: readonly number[];
  /** Excluded as well; shared by many questions, and so kept as the network wants it. */
  readonly alwaysExcluded: BigInt64Array;
  readonly count: number;
}

/** Item indexes and their probabilities, best first, as many as asked for; excluded ones stand at the end. */
export interface NetworkAnswer {
  readonly ids: readonly number[];
  readonly scores: readonly number[];
}

/**
 * One thread, because the requests of a second are many and each is small (two took 30% more processor time and doubled
 * the p99 on two busy cores); and it must not spin while there are none.
 * Severity 3: errors only.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

const largestBatch = 16;

/** A network loaded from an artefact, ready to answer. */
export class ServingModel {
  private readonly indexes: ReadonlyMap<string, number>;
  private readonly batcher = new MicroBatcher<NetworkQuestion, NetworkAnswer>(
    (questions) => this.run(questions),
    largestBatch,
  );

  private constructor(
    readonly version: string,
    private readonly maximumLength: number,
    private readonly itemIds: readonly string[],
    private readonly session: InferenceSession,
  ) {
    this.indexes = new Map(itemIds.map((itemId, i) => [itemId, i + 1]));
  }

  /**
   * Loads a network and asks it once, so that the first visitor does not wait for it to warm up.
   * @throws DomainError `model_unusable` when the network does not load or its answer makes no sense.
   */
  static async load({ manifest, files }: Artefact): Promise<ServingModel> {
    const { version, store, maximumLength } = manifest;
    const unusable = (problem: string, cause?: unknown) =>
      new DomainError(
        'conflict',
        'model_unusable',
        `Model ${version} cannot be used: ${problem}. Train again, or promote another version (\`models list\`).`,
        { store, version },
        { cause },
      );
    const [network, vocabulary] = [files.get(MODEL_FILE), files.get(VOCABULARY_FILE)];
    if (!network || !vocabulary) throw unusable(`it has no ${network ? VOCABULARY_FILE : MODEL_FILE}`);
    const itemIds = decodeVocabulary(vocabulary);
    if (itemIds.length === 0) throw unusable('its vocabulary is empty');
    const session = await InferenceSession.create(network, sessionOptions).catch((error: unknown) => {
      throw unusable(`onnxruntime does not load ${MODEL_FILE}`, error);
    });
    const model = new ServingModel(version, maximumLength, itemIds, session);
    try {
      await model.warmUp();
    } catch (error) {
      await session.release();
      throw unusable(error instanceof Error ? error.message : String(error), error);
    }
    return model;
  }

  /** The newest known items of a session as the network takes them; empty when it knows none. */
  encode(items: readonly string[]): number[] {
    const known = items.flatMap((item) => this.indexes.get(item) ?? []);
    return known.slice(-this.maximumLength);
  }

  /** The index of an item, from 1; undefined for one that the network does not know. */
  indexOf(itemId: string): number | undefined {
    return this.indexes.get(itemId);
  }

  /** The item with an index, from 1; undefined beyond the vocabulary. */
  itemAt(index: number): string | undefined {
    return this.itemIds[index - 1];
  }

  /** Rejects when the network fails. Must not be called after {@link retire}. */
  rank(question: NetworkQuestion): Promise<NetworkAnswer> {
    return this.batcher.ask(question);
  }

  /** Frees the memory once the questions under way are answered. */
  async retire(): Promise<void> {
    await this.batcher.idle();
    await this.session.release();
  }

  /** Asks for the whole catalogue: so a network with more items or fewer than the vocabulary shows itself. */
  private async warmUp(): Promise<void> {
    const count = this.itemIds.length;
    const answers = await this.run(
      [[1], [this.itemIds.length, 1]].map((items) => ({
        items,
        excluded: [],
        alwaysExcluded: new BigInt64Array(),
        count,
      })),
    );
    for (const { ids, scores } of answers) {
      if (ids.length !== count) throw new Error(`the network gave ${ids.length} items where ${count} were asked for`);
      if (ids.some((id) => this.itemAt(id) === undefined)) {
        throw new Error('the network and the vocabulary do not belong together');
      }
      if (!scores.every(Number.isFinite)) throw new Error('the network gives scores that are not numbers');
    }
  }

  private async run(questions: readonly NetworkQuestion[]): Promise<NetworkAnswer[]> {
    const batch = questions.length;
    const length = Math.max(...questions.map(({ items }) => items.length));
    const width = Math.max(
      1,
      ...questions.map(({ excluded, alwaysExcluded }) => excluded.length + alwaysExcluded.length),
    );
    const items = new BigInt64Array(batch * length); // [batch, length]
    const excluded = new BigInt64Array(batch * width); // [batch, width]
    questions.forEach((question, row) => {
      question.items.forEach((item, i) => (items[row * length + i] = BigInt(item)));
      excluded.set(question.alwaysExcluded, row * width);
      const own = row * width + question.alwaysExcluded.length;
      question.excluded.forEach((item, i) => (excluded[own + i] = BigInt(item)));
    });
    const lengths = BigInt64Array.from(questions, (question) => BigInt(question.items.length));
    const most = Math.max(...questions.map((question) => question.count));
    const count = BigInt64Array.of(BigInt(Math.min(most, this.itemIds.length)));
    const output = await this.session.run({
      items: new Tensor('int64', items, [batch, length]),
      lengths: new Tensor('int64', lengths, [batch]),
      excluded: new Tensor('int64', excluded, [batch, width]),
      count: new Tensor('int64', count, [1]),
    });
    const ids = valuesOf(output, 'ids', BigInt64Array);
    const scores = valuesOf(output, 'scores', Float32Array);
    const k = ids.length / batch;
    return questions.map((question, row) => {
      const end = row * k + Math.min(k, question.count);
      return {
        ids: Array.from(ids.subarray(row * k, end), Number),
        scores: Array.from(scores.subarray(row * k, end)),
      };
    });
  }
}

function valuesOf<T>(output: InferenceSession.ReturnType, name: string, kind: new () => T): T {
  const values: unknown = output[name]?.data;
  if (!(values instanceof kind)) throw new Error(`the network gives no ${name} of the expected type`);
  return values;
}
