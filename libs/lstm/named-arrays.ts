import type { Optimiser } from './optimiser.js';

/** Weights, and what optimisers keep of them, by name. */
export type NamedArrays = ReadonlyMap<string, Float32Array>;

/** Weights under their name, and the memory of their optimiser. */
export function arraysOf(
  name: string,
  weights: Float32Array,
  { memory }: Optimiser,
): (readonly [name: string, array: Float32Array])[] {
  return [[name, weights], ...memory.map((array, i) => [`${name}/memory-${i}`, array] as const)];
}
