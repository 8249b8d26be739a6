import type { Item } from '#domain';
import { checkContract, parseInstant, rejectionOf, type Parsed } from '#platform';
import { ItemDto } from './item.dto.js';

const ATTRIBUTES_CHARACTERS = 16 * 1024;

/** Checks one item of the contract, such as parsed JSON. */
export function parseItem(store: string, plain: unknown): Parsed<Item> {
  const { value, faults } = checkContract(ItemDto, plain);
  if (faults) return { rejection: rejectionOf(faults) };
  const attributes = JSON.stringify(value.attributes ?? {});
  if (attributes.length > ATTRIBUTES_CHARACTERS || attributes.includes('\\u0000')) {
    const message = 'attributes must have at most 16384 characters as JSON, and no NUL';
    return { rejection: { code: 'invalid_field', message } };
  }
  const { itemId, title, url, imageUrl, price, currency } = value;
  const from = value.availableFrom == null ? null : parseInstant(value.availableFrom);
  const until = value.availableUntil == null ? null : parseInstant(value.availableUntil);
  if (from !== null && until !== null && until <= from) {
    return { rejection: { code: 'invalid_field', message: 'availableUntil must be after availableFrom' } };
  }
  return {
    value: {
      store,
      itemId,
      ...(title != null && { title }),
      ...(url != null && { url }),
      ...(imageUrl != null && { imageUrl }),
      ...(price != null && { price }),
      ...(currency != null && { currency }),
      categories: value.categories ?? [],
      available: value.available ?? true,
      ...(from !== null && { availableFrom: from }),
      ...(until !== null && { availableUntil: until }),
      attributes: value.attributes ?? {},
    },
  };
}
