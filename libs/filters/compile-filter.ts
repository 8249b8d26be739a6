import type { CatalogueItem } from '#catalog';
import { parseInstant } from '#platform';
import { fieldType, someValue } from './fields.js';
import type { Condition, ContextValue, Filter, FilterValue } from './filter.js';

/** What the item looked at now has in the fields that a filter asks for. */
export type ContextValues = ReadonlyMap<string, readonly FilterValue[]>;

type ItemTest = (item: CatalogueItem) => boolean;
type ValueTest = (value: FilterValue) => boolean;

/**
 * What a filter needs of the item looked at now; nothing is known of an item that is undefined. Filters that are equal in this too let
 * the same items through.
 */
export function contextValues(filter: Filter, current: CatalogueItem | undefined): ContextValues {
  const fields = [...new Set(contextFields(filter))];
  return new Map(
    fields.map((field) => {
      const values: FilterValue[] = [];
      // None fits, so that all are seen.
      if (current) someValue(field, (value) => values.push(value) === 0)(current);
      return [field, values];
    }),
  );
}

/** Makes a filter a test of items. */
export function compileFilter(filter: Filter, context: ContextValues): ItemTest {
  if ('not' in filter) {
    const test = compileFilter(filter.not, context);
    return (item) => !test(item);
  }
  if ('field' in filter) return compileCondition(filter, context);
  const group = 'and' in filter ? filter.and : filter.or;
  const tests = group.map((part) => compileFilter(part, context));
  if ('and' in filter) return (item) => tests.every((test) => test(item));
  return (item) => tests.some((test) => test(item));
}

function contextFields(filter: Filter): string[] {
  if ('not' in filter) return contextFields(filter.not);
  if ('and' in filter) return filter.and.flatMap(contextFields);
  if ('or' in filter) return filter.or.flatMap(contextFields);
  return Object.values(filter).flatMap((operand: unknown) => (isContext(operand) ? operand.context : []));
}

const isContext = (operand: unknown): operand is ContextValue =>
  typeof operand === 'object' && operand !== null && 'context' in operand;

function compileCondition({ field, exists, ...comparisons }: Condition, context: ContextValues): ItemTest {
  if (exists !== undefined) {
    const present = someValue(field, () => true);
    return (item) => present(item) === exists;
  }
  const isInstant = fieldType(field) === 'instant';
  const tests = Object.entries(comparisons).map(([operator, operand]) => {
    const values = isContext(operand) ? fromContext(operand, context) : [operand].flat();
    return comparing(operator as keyof typeof comparisons, isInstant ? values.map(milliseconds) : values);
  });
  return someValue(field, (value) => tests.every((test) => test(value)));
}

function fromContext({ context: field, times }: ContextValue, context: ContextValues): FilterValue[] {
  return (context.get(field) ?? []).flatMap((value) => {
    if (times === undefined) return value;
    return typeof value === 'number' ? value * times : [];
  });
}

/** What comes from the context is so already. */
const milliseconds = (instant: FilterValue): FilterValue =>
  typeof instant === 'string' ? parseInstant(instant) : instant;

/** Fits a value that compares so with one of the operands. */
function comparing(
  operator: Exclude<keyof Condition, 'field' | 'exists'>,
  operands: readonly FilterValue[],
): ValueTest {
  if (operator === 'eq' || operator === 'in') {
    const wanted = new Set(operands);
    return (value) => wanted.has(value);
  }
  const holds = orders[operator];
  return (value) => operands.some((operand) => holds(difference(value, operand)));
}

const orders = {
  gt: (difference: number) => difference > 0,
  gte: (difference: number) => difference >= 0,
  lt: (difference: number) => difference < 0,
  lte: (difference: number) => difference <= 0,
} as const;

/** Below 0 when a is the smaller one; NaN, which fits nothing, when the two have no order. Texts are in order of UTF-16. */
function difference(a: FilterValue, b: FilterValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return NaN;
}
