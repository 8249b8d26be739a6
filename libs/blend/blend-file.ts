import { DomainError } from '#domain';
import { ITEM_FEATURES } from './item-features.js';
import { REPEAT_FEATURES } from './repeat-features.js';
import type { BlendWeights } from './weights.js';

/** The weights as UTF-8 JSON. */
export function encodeBlend(weights: BlendWeights): Uint8Array {
  return Buffer.from(JSON.stringify(weights), 'utf8');
}

/**
 * Reads what {@link encodeBlend} wrote.
 * @throws DomainError `blend_unusable` that says what is wrong with it
 */
export function decodeBlend(bytes: Uint8Array): BlendWeights {
  const unusable = (problem: string, cause?: unknown): DomainError =>
    new DomainError('conflict', 'blend_unusable', `the weights of the blend cannot be used: ${problem}`, {}, { cause });
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw unusable('they are not JSON', error);
  }
  const { networkShare, items, repeats } = (read ?? {}) as Record<string, unknown>;
  if (typeof networkShare !== 'number' || !(networkShare > 0 && networkShare <= 1))
    throw unusable('networkShare must be above 0 and at most 1');
  if (!areWeights(items, ITEM_FEATURES.length)) throw unusable(`items must be ${ITEM_FEATURES.length} numbers`);
  if (!areWeights(repeats, REPEAT_FEATURES.length)) throw unusable(`repeats must be ${REPEAT_FEATURES.length} numbers`);
  return { networkShare, items, repeats };
}

function areWeights(value: unknown, count: number): value is number[] {
  return Array.isArray(value) && value.length === count && value.every(Number.isFinite);
}
