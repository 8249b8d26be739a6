import type { InferenceSession } from '#onnxruntime';
import { decodeBlend } from '#blend';
import { NeighbourIndex } from '#neighbours';
import { Scorer } from './scorer.js';

/** The files that a scorer is opened from. */
export interface ScorerFiles {
  readonly network: Uint8Array;
  readonly neighbours: Uint8Array;
  readonly blend: Uint8Array;
  /** The network takes so many items, the newest of a session. */
  readonly maximumLength: number;
  /** Of the vocabulary. */
  readonly itemCount: number;
}

/**
 * Opens a scorer and asks it once: so what does not work shows itself, and the first visitor does not wait for it to warm up.
 * Apart from the registry and so from the database: a thread of its own loads this and no more.
 * @throws Error that says what is wrong with the files
 */
export async function openScorer(files: ScorerFiles, options: InferenceSession.SessionOptions): Promise<Scorer> {
  const { network, maximumLength, itemCount } = files;
  const neighbours = NeighbourIndex.decode(files.neighbours);
  if (neighbours.itemCount !== itemCount)
    throw new Error(`neighbours.bin is about ${neighbours.itemCount} items, its vocabulary about ${itemCount}`);
  const parts = { network, neighbours, blend: decodeBlend(files.blend), maximumLength };
  const scorer = await Scorer.open(parts, options).catch((cause: unknown) => {
    throw new Error('onnxruntime does not load model.onnx', { cause });
  });
  try {
    await warmUp(scorer, itemCount);
  } catch (error) {
    await scorer.release();
    throw error;
  }
  return scorer;
}

/**
 * Asks for as many items as the vocabulary has, once with all of these excluded: a network with more would give the others, one with
 * fewer fails.
 */
async function warmUp(scorer: Scorer, itemCount: number): Promise<void> {
  const everyItem = Array.from({ length: itemCount }, (_, i) => i + 1);
  const questions = [
    { items: [1], excluded: [] },
    { items: [itemCount, 1], excluded: everyItem },
  ].map((question) => ({ ...question, alwaysExcluded: new BigInt64Array(), count: itemCount }));
  const answers = await scorer.score(questions).catch((cause: unknown) => {
    throw new Error(`model.onnx does not answer about the ${itemCount} items of its vocabulary`, { cause });
  });
  for (const { ids, scores } of answers) {
    if (ids.some((id) => id < 1 || id > itemCount))
      throw new Error('the network and the vocabulary do not belong together');
    if (!scores.every(Number.isFinite)) throw new Error('the network gives scores that are not numbers');
  }
}
