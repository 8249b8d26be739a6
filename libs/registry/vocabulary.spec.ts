import { expect, test } from 'vitest';
import { decodeVocabulary, encodeVocabulary } from './vocabulary.js';

test('a vocabulary comes back as it was, with any characters that an id may have', async () => {
  const ids = ['1', 'ärmel-xl', 'a b', '商品', '\u2028', ' '];
  expect(await decodeVocabulary(encodeVocabulary(ids))).toEqual(ids);
  expect(await decodeVocabulary(encodeVocabulary([]))).toEqual([]);
});

test.each([0, 7, 16_382, 16_383, 40_000])(
  'a long vocabulary comes back, some ids of which have %d letters more',
  async (letters) => {
    const ids = Array.from({ length: 3_000 }, (_, i) => `${i}${i % 500 === 0 ? '商'.repeat(letters) : ''}`);
    expect(await decodeVocabulary(encodeVocabulary(ids))).toEqual(ids);
  },
);

test.each(['', 'a\nb'])('an id that would break a line is refused: %j', (id) => {
  expect(() => encodeVocabulary(['1', id])).toThrow(/Item 2 of the vocabulary/);
});
