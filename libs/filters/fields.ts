import type { CatalogueItem } from '#catalog';
import type { FilterValue } from './filter.js';

/** What a field of an item holds; an attribute may hold anything. */
export type FieldType = 'text' | 'number' | 'boolean' | 'instant' | 'attribute';

const fieldTypes: Readonly<Record<Exclude<keyof CatalogueItem, 'attributes'>, FieldType>> = {
  itemId: 'text',
  title: 'text',
  url: 'text',
  imageUrl: 'text',
  price: 'number',
  currency: 'text',
  categories: 'text',
  available: 'boolean',
  availableFrom: 'instant',
  availableUntil: 'instant',
};

/** For messages. */
export const FIELDS = `${Object.keys(fieldTypes).join(', ')} or attributes.NAME`;

/** Undefined for a name that no field has. */
export function fieldType(field: string): FieldType | undefined {
  if (Object.hasOwn(fieldTypes, field)) return fieldTypes[field as keyof typeof fieldTypes];
  return /^attributes(?:\.[^.]+)+$/.test(field) ? 'attribute' : undefined;
}

/** Whether values can be smaller and larger. */
export function isOrdered(type: FieldType): boolean {
  return type !== 'text' && type !== 'boolean';
}

/** Lists within lists, in attributes, are looked into so deep. */
const deepestList = 16;

/**
 * A test of items: has the field a value that `fits`? Instants are in milliseconds since the epoch. A list is taken apart, also one
 * on the way to the field.
 */
export function someValue(field: string, fits: (value: FilterValue) => boolean): (item: CatalogueItem) => boolean {
  const path = field.split('.');
  const within = (value: unknown, step: number, lists: number): boolean => {
    if (Array.isArray(value)) {
      return lists < deepestList && value.some((entry) => within(entry, step, lists + 1));
    }
    const name = path[step];
    if (name === undefined) return isValue(value) && fits(value);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    return within((value as Record<string, unknown>)[name], step + 1, lists);
  };
  // Every item has the fields themselves: so the many comparisons of one are fast.
  const own = path[0] as keyof CatalogueItem;
  return (item) => within(item[own], 1, 0);
}

const isValue = (value: unknown): value is FilterValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
