import type { Filter } from '#filters';
import { parseInstant } from '#platform';
import type { PinRule, PlacementRule } from '#placements';

/** Items whose scores are multiplied. */
export interface Weight {
  readonly filter: Filter;
  /** Above 0. */
  readonly factor: number;
}

/** The rules of a placement that act at one time, by what they do. */
export interface RulesInForce {
  /** In the order of their positions; of one position in the order of the rules. */
  readonly pins: readonly PinRule[];
  readonly weights: readonly Weight[];
  readonly hidden: readonly Filter[];
}

/** @param now milliseconds since the epoch */
export function rulesInForce(rules: readonly PlacementRule[], now: number): RulesInForce {
  const pins: PinRule[] = [];
  const weights: Weight[] = [];
  const hidden: Filter[] = [];
  for (const rule of rules) {
    if (!isInForce(rule, now)) continue;
    if ('pin' in rule) pins.push(rule);
    else if ('hide' in rule) hidden.push(rule.hide);
    else weights.push({ filter: 'boost' in rule ? rule.boost : rule.bury, factor: rule.factor });
  }
  return { pins: pins.sort((a, b) => a.position - b.position), weights, hidden };
}

function isInForce({ from, until }: PlacementRule, now: number): boolean {
  return (from === undefined || parseInstant(from) <= now) && (until === undefined || now < parseInstant(until));
}

/** An item and the position where it is put, from 1. */
export interface Pinned<T> {
  readonly item: T;
  readonly position: number;
}

/**
 * The positions that pins get in an answer of `count` items: each item one, each position once. Where two want the same one, the second
 * gets the next; a pin behind the end gets none.
 * @param pins in the order of their positions
 */
export function pinnedWithin(pins: readonly PinRule[], count: number): Pinned<string>[] {
  const pinned = new Map<string, number>();
  let last = 0;
  for (const { pin, position } of pins) {
    const free = Math.max(position, last + 1);
    if (pinned.has(pin) || free > count) continue;
    pinned.set(pin, free);
    last = free;
  }
  return [...pinned].map(([item, position]) => ({ item, position }));
}

/**
 * Puts pinned items at their positions and the others around them in their order. A pin behind the end of a short list comes last.
 * @param pinned as {@link pinnedWithin} gives them
 * @param others none of them pinned
 */
export function withPins<T>(pinned: readonly Pinned<T>[], others: readonly T[]): T[] {
  const answer = [...others];
  for (const { item, position } of pinned) answer.splice(position - 1, 0, item);
  return answer;
}
