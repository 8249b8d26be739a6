import { InvalidInputError } from '#domain';
import { inSlices } from '#platform';

/**
 * The vocabulary file: UTF-8, one item id a line, every line ended by a line feed; the id on line i (from 1) has index i.
 * @throws InvalidInputError `item_id_invalid` for an id that would break a line.
 */
export function encodeVocabulary(itemIds: readonly string[]): Uint8Array {
  const broken = itemIds.findIndex((id) => id === '' || id.includes('\n'));
  if (broken >= 0) {
    throw new InvalidInputError(
      'item_id_invalid',
      `Item ${broken + 1} of the vocabulary has an id that is empty or holds a line feed: ${JSON.stringify(itemIds[broken])}.`,
      { index: broken + 1 },
    );
  }
  return Buffer.from(itemIds.map((id) => `${id}\n`).join(''), 'utf8');
}

/** So many bytes become ids in less than a millisecond. */
const vocabularyBlock = 16_384;
const lineFeed = 10;

/** Reads what {@link encodeVocabulary} wrote, a few milliseconds at a time: the item with index i is at place i - 1. */
export async function decodeVocabulary(bytes: Uint8Array): Promise<string[]> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const itemIds: string[] = [];
  let start = 0;
  await inSlices(
    Math.ceil(text.length / vocabularyBlock),
    (block) => {
      // In UTF-8 no other character has this byte, so that none is cut.
      const end = text.indexOf(lineFeed, (block + 1) * vocabularyBlock - 1);
      const lines = text.toString('utf8', start, end < 0 ? text.length : end);
      start = end < 0 ? text.length : end + 1;
      if (lines !== '') for (const itemId of lines.replace(/\n$/, '').split('\n')) itemIds.push(itemId);
    },
    1,
  );
  return itemIds;
}
