import { InvalidInputError } from '#domain';
import type { NamedArrays } from './named-arrays.js';

/** Where a training is, between two steps. Plain data. */
export interface TrainingPosition {
  /** Of the whole training, from 0 to 1. */
  readonly shareDone: number;
  readonly steps: number;
  /** The present one, from 1, and how much of it is done, from 0 to 1. */
  readonly epoch: number;
  readonly epochShare: number;
  /** Of the present epoch: the sum of its targets' losses, and how many they are. */
  readonly lossSum: number;
  readonly targets: number;
  /** The position of the source of random numbers as the epoch began, and now; see `Random.position`. */
  readonly epochRandom: readonly number[];
  readonly random: readonly number[];
}

/** All that a training needs to go on from where it was. */
export interface TrainingCheckpoint {
  readonly position: TrainingPosition;
  /** Network and optimisers, by name. */
  readonly arrays: NamedArrays;
  /** The same of the items, in each array one row after the other; row 0 stands for no item. */
  readonly itemArrays: NamedArrays;
}

/** How a training is kept. */
export interface Checkpointing {
  /** Seconds of training between two checkpoints. */
  readonly everySeconds: number;
  /** Hears of each one, and of the last step's, before the last epoch is told of; training waits for it. The arrays are the trainer's own. */
  readonly write: (checkpoint: TrainingCheckpoint) => Promise<void>;
}

/** Where to go on from. */
export interface Resumption {
  readonly checkpoint: TrainingCheckpoint;
  /**
   * [itemCount + 1] by item: its row in the checkpoint's arrays, 0 for a new item, which keeps what it starts with. With the same
   * sessions and `threads: 1` the network becomes the same as without the interruption, to the bit.
   */
  readonly rows: Int32Array;
}

/**
 * Overwrites what a new training begins with.
 * @throws InvalidInputError `checkpoint_unfit` when the checkpoint is of another network
 */
export function restore(
  { checkpoint, rows }: Resumption,
  { arrays, itemArrays }: Pick<TrainingCheckpoint, 'arrays' | 'itemArrays'>,
): void {
  refuseMore(checkpoint.arrays, arrays);
  refuseMore(checkpoint.itemArrays, itemArrays);
  for (const [name, to] of arrays) to.set(arrayIn(checkpoint.arrays, name, (length) => length === to.length));
  for (const [name, to] of itemArrays) {
    const width = to.length / rows.length;
    const from = arrayIn(checkpoint.itemArrays, name, (length) => length % width === 0);
    for (const [item, row] of rows.entries())
      if (row > 0) to.set(from.subarray(row * width, (row + 1) * width), item * width);
  }
}

function arrayIn(arrays: NamedArrays, name: string, fits: (length: number) => boolean): Float32Array {
  const array = arrays.get(name);
  if (array && fits(array.length)) return array;
  throw unfit(name, array ? `has ${array.length} numbers` : 'is missing');
}

function refuseMore(given: NamedArrays, wanted: NamedArrays): void {
  for (const name of given.keys()) if (!wanted.has(name)) throw unfit(name, 'is too much');
}

const unfit = (name: string, what: string): InvalidInputError =>
  new InvalidInputError('checkpoint_unfit', `the checkpoint is of another network: its "${name}" ${what}`, { name });
