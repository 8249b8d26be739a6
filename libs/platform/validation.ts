import 'reflect-metadata';
import {
  getMetadataStorage,
  registerDecorator,
  validateSync,
  type ValidationArguments,
  type ValidationError,
  type ValidationOptions,
} from 'class-validator';
import { identifierFault } from '#domain';

/** Why one record of many (an event, an item) was not taken; the others are. */
export interface Rejection {
  /** For programs, such as `invalid_field`. */
  readonly code: string;
  /** Names the field, what is wrong with it, and what would be right. */
  readonly message: string;
}

/** A record, or why there is none. */
export type Parsed<T> =
  { readonly value: T; readonly rejection?: never } | { readonly value?: never; readonly rejection: Rejection };

type Contract<T extends object> = new () => T;

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
          const faults = (Array.isArray(value) ? value : [value]).map(identifierFault);
          return `${options.each ? 'each of it ' : ''}${faults.find((fault) => fault !== undefined) ?? ''}`;
        },
      },
    });
  };
}

const fieldsOfContracts = new WeakMap<Contract<object>, ReadonlySet<string>>();

/** The fields of a contract class: those that have a rule. */
function fieldsOf(contract: Contract<object>): ReadonlySet<string> {
  let fields = fieldsOfContracts.get(contract);
  if (!fields) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(contract, '', true, false);
    fields = new Set(rules.map(({ propertyName }) => propertyName));
    fieldsOfContracts.set(contract, fields);
  }
  return fields;
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
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    return { faults: [{ field: '', message: 'it must be an object', unknownField: false }] };
  }
  const faults: Fault[] = [];
  const value = build(contract, plain, '', faults);
  for (const [field, itemContract] of Object.entries(lists)) {
    const list = (value as Record<string, unknown>)[field];
    if (!Array.isArray(list)) continue;
    Object.assign(value, {
      [field]: list.map((entry: unknown, index) =>
        typeof entry === 'object' && entry !== null && !Array.isArray(entry)
          ? build(itemContract, entry, `${field}[${index}].`, faults)
          : entry,
      ),
    });
  }
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

/** Copies the known fields: a `__proto__` in the input must not become one of ours. */
function build<T extends object>(contract: Contract<T>, plain: object, path: string, faults: Fault[]): T {
  const fields = fieldsOf(contract);
  const value = new contract();
  for (const [field, content] of Object.entries(plain) as [string, unknown][]) {
    if (fields.has(field)) Object.assign(value, { [field]: content });
    else faults.push({ field: `${path}${field}`, message: `${path}${field} is not a known field`, unknownField: true });
  }
  return value;
}

function collect({ property, constraints, children }: ValidationError, path: string, faults: Fault[]): void {
  const field = /^\d+$/.test(property) ? `${path}[${property}]` : path === '' ? property : `${path}.${property}`;
  for (const message of Object.values(constraints ?? {})) {
    faults.push({ field, message: `${field} ${message}`, unknownField: false });
  }
  for (const child of children ?? []) collect(child, field, faults);
}
