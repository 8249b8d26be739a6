import type { Random } from '#domain';

/**
 * Fills an inverted-dropout mask (Srivastava et al. 2014): 0 with the given chance, else 1 / (1 - chance).
 * The chance is rounded to a 256th, so that one random number serves four places.
 */
export function fillDropoutMask(mask: Float32Array, chance: number, random: Random): void {
  const threshold = Math.round(chance * 256);
  if (threshold === 0) {
    mask.fill(1);
    return;
  }
  const kept = 256 / (256 - threshold);
  for (let i = 0; i < mask.length; i += 4) {
    const bits = random.bits();
    mask[i] = (bits & 255) < threshold ? 0 : kept;
    mask[i + 1] = ((bits >>> 8) & 255) < threshold ? 0 : kept;
    mask[i + 2] = ((bits >>> 16) & 255) < threshold ? 0 : kept;
    mask[i + 3] = bits >>> 24 < threshold ? 0 : kept;
  }
}
