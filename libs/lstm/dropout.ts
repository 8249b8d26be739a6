import type { Random } from '#domain';

/**
 * Inverted-dropout masks (Srivastava et al. 2014): 0 with the given chance, else 1 / (1 - chance).
 * Drawing a number for every element of every step would cost as much as the LSTM, so the masks are windows at random
 * places of one long array drawn once; a place in a session meets the same window again only by chance.
 */
export class DropoutMasks {
  private readonly pool: Float32Array;

  /** @param longest the most elements that a mask will have */
  constructor(
    chance: number,
    longest: number,
    private readonly random: Random,
  ) {
    const kept = 1 / (1 - chance);
    this.pool = Float32Array.from({ length: 8 * longest }, () => (random.uniform() < chance ? 0 : kept));
  }

  /** A mask of so many elements; not to be written to. */
  next(length: number): Float32Array {
    const start = this.random.integer(this.pool.length - length + 1);
    return this.pool.subarray(start, start + length);
  }
}
