import type { InferenceSession } from '#onnxruntime';
import { encodeBlend, type BlendWeights } from '#blend';
import { DomainError } from '#domain';
import type { NeighbourIndex } from '#neighbours';
import { inSlices } from '#platform';
import {
  BLEND_FILE,
  decodeVocabulary,
  encodeVocabulary,
  MODEL_FILE,
  NEIGHBOURS_FILE,
  VOCABULARY_FILE,
  type Artefact,
} from '#registry';
import { openScorer } from './open-scorer.js';
import type { Scorer, ScoringAnswer, ScoringQuestion } from './scorer.js';
import { ThreadedScorer } from './threaded-scorer.js';

/** What training made, before it is files. */
export interface ModelParts {
  /** An ONNX file as `exportServingModel` writes it. */
  readonly network: Uint8Array;
  readonly neighbours: NeighbourIndex;
  readonly blend: BlendWeights;
  readonly itemIds: readonly string[];
}

/** The files of an artefact, by name. */
export function modelFiles({ network, neighbours, blend, itemIds }: ModelParts): Map<string, Uint8Array> {
  return new Map([
    [MODEL_FILE, network],
    [NEIGHBOURS_FILE, neighbours.encode()],
    [BLEND_FILE, encodeBlend(blend)],
    [VOCABULARY_FILE, encodeVocabulary(itemIds)],
  ]);
}

/** In this thread, which it then blocks, or in one of its own, which then has the files: they are empty here. */
export type ScoringPlace = 'here' | 'thread';

type OpenScorer = Pick<Scorer, 'score' | 'release'>;

/** A model opened from its files: item ids in, the blend's answers out. */
export class ScoringModel {
  private constructor(
    /** The items that it knows: the one with index i is at place i - 1. */
    readonly itemIds: readonly string[],
    private readonly indexes: ReadonlyMap<string, number>,
    private readonly scorer: OpenScorer,
  ) {}

  /**
   * Opens a model and asks it once: so what does not work shows itself, and the first visitor does not wait for it to warm up.
   * @param maximumLength the network takes so many items of a session
   * @param where the arithmetic is done
   * @throws Error that says what is wrong with the files
   */
  static async open(
    files: ReadonlyMap<string, Uint8Array>,
    maximumLength: number,
    options: InferenceSession.SessionOptions,
    where: ScoringPlace = 'here',
  ): Promise<ScoringModel> {
    const file = (name: string): Uint8Array => {
      const bytes = files.get(name);
      if (!bytes) throw new Error(`it has no ${name}`);
      return bytes;
    };
    const [network, neighbours, blend] = [file(MODEL_FILE), file(NEIGHBOURS_FILE), file(BLEND_FILE)];
    const itemIds = await decodeVocabulary(file(VOCABULARY_FILE));
    if (itemIds.length === 0) throw new Error('its vocabulary is empty');
    const parts = { network, neighbours, blend, maximumLength, itemCount: itemIds.length };
    const scorer = await (where === 'here' ? openScorer(parts, options) : ThreadedScorer.open(parts, options));
    const indexes = new Map<string, number>();
    await inSlices(itemIds.length, (place) => indexes.set(itemIds[place] as string, place + 1));
    return new ScoringModel(itemIds, indexes, scorer);
  }

  /**
   * The same from the registry.
   * @throws DomainError `model_unusable` that says what is wrong with it and what to do
   */
  static async ofArtefact(
    { manifest, files }: Artefact,
    options: InferenceSession.SessionOptions,
    where?: ScoringPlace,
  ): Promise<ScoringModel> {
    const { store, version, maximumLength } = manifest;
    try {
      return await ScoringModel.open(files, maximumLength, options, where);
    } catch (cause) {
      throw new DomainError(
        'conflict',
        'model_unusable',
        `Model ${version} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}. ` +
          'Train again, or take another version (`models list`).',
        { store, version },
        { cause },
      );
    }
  }

  /** The index of an item, from 1; undefined for one that the model does not know. */
  indexOf(itemId: string): number | undefined {
    return this.indexes.get(itemId);
  }

  /** The item with an index, from 1; undefined beyond the vocabulary. */
  itemAt(index: number): string | undefined {
    return this.itemIds[index - 1];
  }

  /** Answers in the order of the questions; whoever asks for more items than there are gets them all. */
  score(questions: readonly ScoringQuestion[]): Promise<ScoringAnswer[]> {
    const most = this.itemIds.length;
    return this.scorer.score(questions.map((question) => ({ ...question, count: Math.min(question.count, most) })));
  }

  async release(): Promise<void> {
    await this.scorer.release();
  }
}
