import { describe, expect, it } from 'vitest';
import type { EventType } from '#domain';
import { itemSequence } from './item-sequence.js';

const steps = (text: string): { itemId: string; type: EventType }[] =>
  text.split(' ').map((step) => {
    const [type, itemId] = step.split(':') as [EventType, string];
    return { type, itemId };
  });

describe('itemSequence', () => {
  it.each([
    ['view:a view:a click:a view:b', 'a a a b'],
    ['view:a add_to_cart:a purchase:a view:b', 'a b'],
    ['view:a view:b add_to_cart:a purchase:b', 'a b a b'],
    ['purchase:a purchase:b view:b', 'a b b'],
  ])('%s gives %s', (given, expected) => {
    expect(itemSequence(steps(given)).join(' ')).toBe(expected);
  });
});
