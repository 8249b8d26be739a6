import type { InferenceSession } from 'onnxruntime-node';
import { decodeBlend } from '#blend';
import { NeighbourIndex } from '#neighbours';
import { Scorer } from './scorer.js';

/** The files that a scorer is opened from; structured clone takes it. */
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
 * Apart from the registry and so from the database: a thread of its own loads this and no more.
 * @throws Error that says what is wrong with the files
 */
export async function openScorer(files: ScorerFiles, options: InferenceSession.SessionOptions): Promise<Scorer> {
  const { network, maximumLength, itemCount } = files;
  const neighbours = NeighbourIndex.decode(files.neighbours);
  if (neighbours.itemCount !== itemCount)
    throw new Error(`neighbours.bin is about ${neighbours.itemCount} items, its vocabulary about ${itemCount}`);
  const parts = { network, neighbours, blend: decodeBlend(files.blend), maximumLength };
  return Scorer.open(parts, options).catch((cause: unknown) => {
    throw new Error('onnxruntime does not load model.onnx', { cause });
  });
}
