import 'reflect-metadata';
import {
  registerDecorator,
  validateSync,
  type ValidationArguments,
  type ValidationError,
  type ValidationOptions,
} from 'class-validator';
import { identifierFault } from '#domain';
import { ContractRules, type Contract } from './contract-rules.js';
import { inSlices } from './in-slices.js';

/** Why one record of many (an event, an item) was not taken; the others are. */
export interface Rejection {
  /** For programs, such as `invalid_field`. */
  readonly code: string;
  /** Names the field, what is wrong with it, and what would be right. */
  readonly message: string;
}

/** A rejection, and which record of its batch it is about: by place, from 0. */
export type RejectedRecord = Rejection & { readonly index: number };

/** A record, or why there is none. */
export type Parsed<T> =
  { readonly value: T; readonly rejection?: never } | { readonly value?: never; readonly rejection: Rejection };

/** What a value does to a contract. */
export interface Fault {
  /** Where, such as `items[2].price`; empty for the whole value. */
  readonly field: string;
  /** A sentence that begins with the field. */
  readonly message: string;
  readonly unknownField: boolean;
}

/** class-validator: an id by the domain's rule. */
export function IsIdentifier(options: ValidationOptions = {}): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isIdentifier',
      target: target.constructor,
      propertyName: String(property),
      options,
      validator: {
        validate: (value: unknown) => identifierFault(value) === undefined,
        defaultMessage: (details?: ValidationArguments) => {
          const value: unknown = details?.value;
          const faults = (options.each && Array.isArray(value) ? value : [value]).map(identifierFault);
          return `${options.each ? 'each of it ' : ''}${faults.find((fault) => fault !== undefined) ?? ''}`;
        },
      },
    });
  };
}

/** A value that a contract class can be checked on, or what is wrong with it. */
export type Checked<T> =
  { readonly value: T; readonly faults?: never } | { readonly value?: never; readonly faults: readonly Fault[] };

/**
 * Checks a plain value, such as parsed JSON, against a class with class-validator rules.
 * A field that the class does not have is a fault: a misspelt name would otherwise be lost in silence.
 * @param lists for each field that is a list of objects, their class
 */
export function checkContract<T extends object>(
  contract: Contract<T>,
  plain: unknown,
  lists: Readonly<Record<string, Contract<object>>> = {},
): Checked<T> {
  if (!isObject(plain)) return { faults: [{ field: '', message: 'it must be an object', unknownField: false }] };
  const faults: Fault[] = [];
  const rules = ContractRules.of(contract);
  const value = build(contract, rules.fields, plain, '', faults);
  for (const field in lists) buildList(value as Record<string, unknown>, field, lists[field], faults);
  if (faults.length === 0 && rules.passes(value)) return { value };
  for (const error of validateSync(value)) collect(error, '', faults);
  return faults.length === 0 ? { value } : { faults };
}

const FAULTS_SHOWN = 3;
const FAULT_CHARACTERS = 300;

/** Faults as the reason why a record was not taken. */
export function rejectionOf(faults: readonly Fault[]): Rejection {
  const [first] = faults;
  const shown = faults.slice(0, FAULTS_SHOWN).map(({ message }) => message.slice(0, FAULT_CHARACTERS));
  if (faults.length > FAULTS_SHOWN) shown.push(`and ${faults.length - FAULTS_SHOWN} more`);
  return {
    code: first?.field === '' ? 'not_an_object' : first?.unknownField ? 'unknown_field' : 'invalid_field',
    message: shown.join('; '),
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Copies the known fields: a `__proto__` in the input must not become one of ours. */
function build<T extends object>(
  contract: Contract<T>,
  fields: ReadonlySet<string>,
  plain: object,
  path: string,
  faults: Fault[],
): T {
  const value = new contract();
  for (const field of Object.keys(plain)) {
    if (fields.has(field)) {
      (value as Record<string, unknown>)[field] = (plain as Record<string, unknown>)[field];
    } else {
      faults.push({ field: `${path}${field}`, message: `${path}${field} is not a known field`, unknownField: true });
    }
  }
  return value;
}

/**
 * Makes the entries of a list instances of their class. What is not as declared becomes something simple that is refused
 * too: class-validator would go into it, however deep, takes a list within a list for good, and trips over a `constructor`.
 */
function buildList(
  value: Record<string, unknown>,
  field: string,
  contract: Contract<object> | undefined,
  faults: Fault[],
): void {
  const list = value[field];
  if (!contract || typeof list !== 'object' || list === null) return;
  const { fields } = ContractRules.of(contract);
  value[field] =
    Array.isArray(list) &&
    list.map((entry: unknown, index) =>
      isObject(entry) ? build(contract, fields, entry, `${field}[${index}].`, faults) : null,
    );
}

function collect({ property, constraints, children }: ValidationError, path: string, faults: Fault[]): void {
  const field = /^\d+$/.test(property) ? `${path}[${property}]` : path === '' ? property : `${path}.${property}`;
  for (const message of Object.values(constraints ?? {})) {
    faults.push({ field, message: `${field} ${message}`, unknownField: false });
  }
  for (const child of children ?? []) collect(child, field, faults);
}

/** So many records are parsed in a millisecond or two, unless they are very long. */
const fewRecords = 20;

/** Parses a batch of records, each for itself: the good ones, and what is wrong with the others. A large batch lets others have their turn. */
export async function parseEach<T>(
  records: readonly unknown[],
  parse: (plain: unknown) => Parsed<T>,
): Promise<{ good: T[]; rejected: RejectedRecord[] }> {
  const good: T[] = [];
  const rejected: RejectedRecord[] = [];
  const take = (index: number): void => {
    const parsed = parse(records[index]);
    if (parsed.rejection) rejected.push({ index, ...parsed.rejection });
    else good.push(parsed.value);
  };
  if (records.length <= fewRecords) for (const index of records.keys()) take(index);
  else await inSlices(records.length, take, 1);
  return { good, rejected };
}
