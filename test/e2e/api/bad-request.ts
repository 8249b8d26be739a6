import type { Question } from '../../support/api.js';

/** A request that must be refused, and how. */
export interface BadRequest extends Omit<Question, 'key'> {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly key?: 'public' | 'none' | 'unknown' | 'misshapen';
  readonly status: number;
  /** What the problem document must tell. */
  readonly tells: RegExp;
}

export const recommendations = '/v1/recommendations';
export const events = '/v1/events';
export const items = '/v1/items';
export const longId = 'x'.repeat(10_000);
export const deep = '['.repeat(200_000) + ']'.repeat(200_000);
