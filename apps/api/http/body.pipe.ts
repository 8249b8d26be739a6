import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { checkContract } from '#platform';
import { InvalidFieldsError } from './invalid-fields.error.js';

const deepest = 16;

/** What a class says of its fields that are lists of objects, as its static `lists`: the class of the entries, and how many there may be. */
type BodyLists = Readonly<Record<string, { readonly of: new () => object; readonly most: number }>>;

/**
 * Checks a JSON body against the class-validator class of the handler's parameter: only known fields, each as declared,
 * nothing nested deeper than 16 levels; `null` counts as absent. Gives an instance of that class.
 */
@Injectable()
export class BodyPipe implements PipeTransform {
  /** @throws InvalidFieldsError that names every wrong field. */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || !metatype) return value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidFieldsError([{ field: '', message: 'the body must be a JSON object' }]);
    }
    const tooDeep = pathBeyond(deepest, value)?.replace(/^\./, '');
    if (tooDeep !== undefined) {
      const message = `${tooDeep} is nested deeper than ${deepest} levels`;
      throw new InvalidFieldsError([{ field: tooDeep, message }]);
    }
    const given = Object.entries(value).filter(([, content]) => content !== null);
    const { lists = {} } = metatype as { readonly lists?: BodyLists };
    for (const [field, content] of given) requireFew(field, content, lists);
    const classes = Object.entries(lists).map(([field, { of }]) => [field, of] as const);
    const checked = checkContract<object>(metatype, Object.fromEntries(given), Object.fromEntries(classes));
    if (checked.faults) throw new InvalidFieldsError(checked.faults);
    return checked.value;
  }
}

/** Before the check of each entry: that takes seconds for what a body can hold of them. */
function requireFew(field: string, content: unknown, lists: BodyLists): void {
  const list = Object.hasOwn(lists, field) ? lists[field] : undefined;
  if (!list || !Array.isArray(content) || content.length <= list.most) return;
  const message = `${field} must have at most ${list.most} entries, not ${content.length}`;
  throw new InvalidFieldsError([{ field, message }]);
}

/** Where a value has something nested deeper than so many levels, such as `.items[0].attributes`. */
function pathBeyond(levels: number, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return '';
  for (const [key, child] of Object.entries(value)) {
    const rest = pathBeyond(levels - 1, child);
    if (rest !== undefined) return (Array.isArray(value) ? `[${key}]` : `.${key}`) + rest;
  }
  return undefined;
}
