import { describe, expect, it } from 'vitest';
import { IDENTIFIER_LENGTH, identifierFault } from './identifier.js';

describe('identifierFault', () => {
  it.each(['1', 'sku-1042', 'a b', 'Ä€😀', "'; drop table events; --", 'x'.repeat(IDENTIFIER_LENGTH)])(
    'takes %j',
    (id) => {
      expect(identifierFault(id)).toBeUndefined();
    },
  );

  it.each([
    ['', 'must not be empty'],
    ['x'.repeat(10_000), 'has 10000 characters, at most 256 are allowed'],
    ['a\0b', 'must not contain control characters or broken Unicode'],
    ['a\nb', 'must not contain control characters or broken Unicode'],
    ['a\u001fb', 'must not contain control characters or broken Unicode'],
    ['a\u0085b', 'must not contain control characters or broken Unicode'],
    ['half \ud83d', 'must not contain control characters or broken Unicode'],
    [12, 'must be a text'],
    [null, 'must be a text'],
    [['a'], 'must be a text'],
  ])('refuses %j', (id, fault) => {
    expect(identifierFault(id)).toBe(fault);
  });
});
