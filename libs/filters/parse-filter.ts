import { InvalidInputError } from '#domain';
import { parseInstant } from '#platform';
import { fieldType, FIELDS, isOrdered, type FieldType } from './fields.js';
import { FILTER_LIMITS, type Condition, type ContextValue, type Filter, type FilterValue } from './filter.js';

const operators = ['eq', 'in', 'gt', 'gte', 'lt', 'lte', 'exists'] as const;
type Operator = (typeof operators)[number];

const example = '{"field":"price","lt":20}';

/**
 * Checks a filter, such as parsed JSON, and gives it in one form: fields in one order, lists sorted and without duplicates.
 * @param place what messages call it
 * @throws InvalidInputError `invalid_filter`, whose message begins with the place of the fault, such as `filter.and[1].lt`, and whose
 *   facts name it as `field`
 */
export function parseFilter(plain: unknown, place = 'filter'): Filter {
  return new Parser(place).filter(plain, place, 1);
}

function refuse(place: string, fault: string): never {
  throw new InvalidInputError('invalid_filter', `${place} ${fault}`, { field: place });
}

/** What the sender wrote may be long; it comes back short. */
const brief = (name: string): string => (name.length > 50 ? `${name.slice(0, 50)}…` : name);

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Parser {
  private conditions = 0;

  constructor(private readonly root: string) {}

  /** @param level of `and`, `or` and `not`, from 1 */
  filter(plain: unknown, place: string, level: number): Filter {
    if (!isObject(plain)) refuse(place, `must be an object such as ${example}`);
    const group = (['and', 'or', 'not'] as const).find((name) => Object.hasOwn(plain, name));
    if (group === undefined) return this.condition(plain, place);
    const other = Object.keys(plain).find((name) => name !== group);
    if (other !== undefined) refuse(`${place}.${brief(other)}`, `must not stand beside ${group}`);
    if (level > FILTER_LIMITS.depth) {
      refuse(place, `is nested deeper than ${FILTER_LIMITS.depth} levels of and, or and not`);
    }
    const content = plain[group];
    if (group === 'not') return { not: this.filter(content, `${place}.not`, level + 1) };
    const parts = `${place}.${group}`;
    if (!Array.isArray(content) || content.length === 0) refuse(parts, 'must be a list of at least one filter');
    const filters = content.map((part, index) => this.filter(part, `${parts}[${index}]`, level + 1));
    return group === 'and' ? { and: filters } : { or: filters };
  }

  private condition(plain: JsonObject, place: string): Condition {
    this.conditions += 1;
    if (this.conditions > FILTER_LIMITS.conditions) {
      refuse(this.root, `must have at most ${FILTER_LIMITS.conditions} comparisons`);
    }
    if (!Object.hasOwn(plain, 'field')) refuse(place, `must have and, or, not, or a field, as in ${example}`);
    const { field, type } = knownField(plain.field, `${place}.field`);
    const names = Object.keys(plain).filter((name) => name !== 'field');
    const unknown = names.find((name) => !operators.some((operator) => operator === name));
    if (unknown !== undefined) {
      refuse(`${place}.${brief(unknown)}`, `is not known: an operator is one of ${operators.join(', ')}`);
    }
    if (names.length === 0) refuse(place, `must compare ${field}, with one of ${operators.join(', ')}`);
    if (names.length > 1 && names.includes('exists'))
      refuse(`${place}.exists`, 'must not stand beside another operator');
    const given = operators.filter((operator) => Object.hasOwn(plain, operator));
    const operands = given.map((operator) => [
      operator,
      operand(plain[operator], operator, type, `${place}.${operator}`),
    ]);
    return { field, ...(Object.fromEntries(operands) as Omit<Condition, 'field'>) };
  }
}

function knownField(plain: unknown, place: string): { field: string; type: FieldType } {
  if (typeof plain !== 'string') refuse(place, `must be a text: ${FIELDS}`);
  const type = plain.length > FILTER_LIMITS.text ? undefined : fieldType(plain);
  if (type === undefined) refuse(place, `must be one of ${FIELDS}, not ${JSON.stringify(brief(plain))}`);
  return { field: plain, type };
}

function operand(
  plain: unknown,
  operator: Operator,
  type: FieldType,
  place: string,
): FilterValue | readonly FilterValue[] | ContextValue {
  if (operator === 'exists') return typeof plain === 'boolean' ? plain : refuse(place, 'must be true or false');
  const ordering = operator !== 'eq' && operator !== 'in';
  if (ordering && !isOrdered(type)) {
    refuse(place, 'must not be here: only price, availableFrom, availableUntil and attributes are smaller or larger');
  }
  if (isObject(plain)) return contextValue(plain, operator, type, place);
  if (operator !== 'in') return valueOf(plain, type, ordering, place);
  if (!Array.isArray(plain)) refuse(place, 'must be a list of values');
  if (plain.length > FILTER_LIMITS.values) {
    refuse(place, `must have at most ${FILTER_LIMITS.values} values, not ${plain.length}`);
  }
  const values = plain.map((value, index) => valueOf(value, type, false, `${place}[${index}]`));
  return [...new Map(values.map((value) => [JSON.stringify(value), value]))].sort(byText).map(([, value]) => value);
}

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function contextValue(plain: JsonObject, operator: Operator, type: FieldType, place: string): ContextValue {
  const unknown = Object.keys(plain).find((name) => name !== 'context' && name !== 'times');
  if (unknown !== undefined) {
    refuse(`${place}.${brief(unknown)}`, 'is not known: a value of the item looked at now is {"context":FIELD}');
  }
  const { field: context, type: contextType } = knownField(plain.context, `${place}.context`);
  const types = [type, contextType];
  const alike = type === contextType || (types.includes('attribute') && !types.includes('instant'));
  if (!alike) refuse(`${place}.context`, `must be a field with values of the same kind, not ${context}`);
  if (!Object.hasOwn(plain, 'times')) return { context };
  const { times } = plain;
  if (typeof times !== 'number' || !Number.isFinite(times)) refuse(`${place}.times`, 'must be a number');
  if (operator === 'in' || !types.every((each) => each === 'number' || each === 'attribute')) {
    refuse(`${place}.times`, 'must not be here: only one number can be multiplied');
  }
  return { context, times };
}

function valueOf(plain: unknown, type: FieldType, ordering: boolean, place: string): FilterValue {
  if (typeof plain === 'string' && plain.length > FILTER_LIMITS.text) {
    refuse(place, `must have at most ${FILTER_LIMITS.text} characters, not ${plain.length}`);
  }
  const { fits, kind } = ordering && type === 'attribute' ? orderedAttribute : kinds[type];
  return fits(plain) ? plain : refuse(place, `must be ${kind}`);
}

interface Kind {
  readonly kind: string;
  readonly fits: (plain: unknown) => plain is FilterValue;
}

const isText = (plain: unknown): plain is string => typeof plain === 'string';
const isNumber = (plain: unknown): plain is number => typeof plain === 'number' && Number.isFinite(plain);
const isBoolean = (plain: unknown): plain is boolean => typeof plain === 'boolean';

const kinds: Readonly<Record<FieldType, Kind>> = {
  text: { kind: 'a text', fits: isText },
  number: { kind: 'a number', fits: isNumber },
  boolean: { kind: 'true or false', fits: isBoolean },
  instant: {
    kind: 'ISO 8601 with an offset, such as 2026-01-31T12:30:00Z',
    fits: (plain): plain is string => isText(plain) && !Number.isNaN(parseInstant(plain)),
  },
  attribute: {
    kind: 'a text, a number, or true or false',
    fits: (plain): plain is FilterValue => isText(plain) || isNumber(plain) || isBoolean(plain),
  },
};

const orderedAttribute: Kind = {
  kind: 'a number or a text',
  fits: (plain): plain is FilterValue => isText(plain) || isNumber(plain),
};
