import type { Random } from '#domain';
import type { Contract, Schema } from './contract.js';
import type { Edit, Path } from './json-edit.js';
import { oneOf } from './wrong-request.js';

/** Something wrong with one field. */
export interface FieldFault {
  readonly fault: string;
  readonly edit: Edit;
}

/** A place in a body where something can be wrong. */
export interface Site {
  readonly path: Path;
  readonly schema: Schema;
  readonly required: boolean;
  readonly present: boolean;
  readonly isFilter: boolean;
}

/** All places of a value, and those of the optional fields that it does not have. */
export function sitesOf(contract: Contract, schema: Schema, value: unknown): Site[] {
  const sites: Site[] = [];
  const visit = (given: Schema, content: unknown, path: Path, required: boolean): void => {
    const resolved = contract.resolve(given);
    const isFilter = contract.isFilter(given);
    sites.push({ path, schema: resolved, required, present: content !== undefined, isFilter });
    if (isFilter || typeof content !== 'object' || content === null) return;
    if (Array.isArray(content)) {
      for (const [index, entry] of content.entries()) visit(resolved.items ?? {}, entry, [...path, index], true);
      return;
    }
    for (const [name, property] of Object.entries(resolved.properties ?? {})) {
      const child = (content as Record<string, unknown>)[name];
      visit(property, child, [...path, name], resolved.required?.includes(name) ?? false);
    }
  };
  visit(schema, value, [], true);
  return sites;
}

const samples: readonly { readonly type: string; readonly texts: readonly string[] }[] = [
  { type: 'string', texts: ['"text"', '""', '"7"', '"true"', '"null"', '"\\u0000"'] },
  { type: 'integer', texts: ['0', '7', '-1'] },
  { type: 'number', texts: ['0.5', '-0.25', '1e-300', '1e999', '-1e999'] },
  { type: 'boolean', texts: ['true', 'false'] },
  { type: 'array', texts: ['[]', '[[]]', '[null]', '["text"]', '[{}]'] },
  {
    type: 'object',
    texts: ['{}', '{"length":1}', '{"toString":1}', '{"__proto__":[]}', '{"constructor":{"prototype":{}}}'],
  },
];

const strangeNames = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', '__defineGetter__', '',
  ' ', 'Count', 'ITEMS', 'x'.repeat(5_000), '\0', '$where', "' or 1=1 --", '../..', '🛒', '\u202e', 'length', '0',
]; // prettier-ignore

/** Texts that no id is: control characters, halves of characters, too long, empty. As JSON. */
const wrongIdentifiers = [
  '""', '"\\u0000"', '"a\\u0000b"', '"\\n"', '"a\\tb"', '"\\u001b[31m"', '"\\u007f"', '"\\u0085"', '"\\u009f"', '"\\ud800"', '"a\\udfff"', '"\\udc00\\ud800"',
  `"${'x'.repeat(257)}"`, `"${'x'.repeat(100_000)}"`, `"${'🛒'.repeat(129)}"`, '"\\r\\nSet-Cookie: a=b"',
]; // prettier-ignore

const wrongInstants = [
  '""', '"yesterday"', '"2026-01-15"', '"2026-01-15T10:00:00"', '"2026-13-15T10:00:00Z"', '"2026-02-30T10:00:00Z"', '"2026-01-15T25:00:00Z"',
  '"2026-01-15T10:61:00Z"', '"99999-01-15T10:00:00Z"', '"2026-01-15 10:00:00Z"', '"1768471200"', '"2026-01-15T10:00:00+99:00"',
]; // prettier-ignore

/** Not JSON, or no number. */
const noValues = [
  'NaN',
  'Infinity',
  '-Infinity',
  'undefined',
  '0x10',
  '01',
  '+1',
  '.5',
  '1.',
  "'text'",
  '"\u0001"',
  'True',
  '"\\x41"',
  '"\\u12"',
];

/** Breaks one field, exactly as its schema forbids; undefined where the schema lets everything through. */
export function breakField(random: Random, site: Site): FieldFault | undefined {
  const ways = waysToBreak(random, site);
  return ways.length === 0 ? undefined : oneOf(random, ways)();
}

function waysToBreak(random: Random, { path, schema, required, present }: Site): (() => FieldFault)[] {
  const put = (what: string, text: string): FieldFault => ({
    fault: `${placeOf(path)} ${what}`,
    edit: putEdit(path, present, text),
  });
  const ways: (() => FieldFault)[] = [];
  const types = typesOf(schema);
  const texts = types && samples.filter(({ type }) => !types.has(type)).flatMap((sample) => sample.texts);
  if (texts && texts.length > 0) ways.push(() => put('has the wrong type', oneOf(random, texts)));
  if (types && required && !schema.nullable) ways.push(() => put('is null', 'null'));
  ways.push(() => put('is nothing that JSON knows', oneOf(random, noValues)));
  if (types) ways.push(() => put('is deep', deepJson(random)));
  if (required && present && path.length > 0 && typeof path.at(-1) === 'string') {
    ways.push(() => ({ fault: `${placeOf(path)} is missing`, edit: { kind: 'remove', path } }));
  }
  if (present && schema.properties && schema.additionalProperties === false) {
    ways.push(() => {
      const name = oneOf(
        random,
        strangeNames.filter((each) => !Object.hasOwn(schema.properties ?? {}, each)),
      );
      const member = `${JSON.stringify(name)}:${oneOf(random, ['1', '"x"', '{}', '{"count":1}', '[]', 'true'])}`;
      return { fault: `${placeOf(path)} has an unknown field`, edit: { kind: 'add', path, text: member } };
    });
  }
  for (const text of limitsBroken(schema)) ways.push(() => put('is out of its limits', text));
  if (types?.has('string') && schema.maxLength === 256) {
    ways.push(() => put('is no id', oneOf(random, wrongIdentifiers)));
  }
  if (schema.format === 'date-time') ways.push(() => put('is no time', oneOf(random, wrongInstants)));
  if (schema.items?.maxLength === 256 && types?.has('array')) {
    ways.push(() =>
      put('has a wrong id', `["item-1",${oneOf(random, [...wrongIdentifiers, '7', 'null', '{}', '[]'])}]`),
    );
  }
  return ways;
}

/** @param present a field that is not there is added; one that is, is now and then said twice, and the last word counts */
function putEdit(path: Path, present: boolean, text: string): Edit {
  if (present) return { kind: 'replace', path, text };
  return { kind: 'add', path: path.slice(0, -1), text: `${JSON.stringify(String(path.at(-1)))}:${text}` };
}

/** Values just outside what a schema allows. */
function limitsBroken({
  type,
  minimum,
  maximum,
  minLength,
  maxLength,
  minItems,
  maxItems,
  enum: values,
}: Schema): string[] {
  const step = type === 'integer' ? 1 : 0.01;
  return [
    ...(minimum === undefined ? [] : [String(minimum - step), String(minimum - 1e15), '-1e308']),
    ...(maximum === undefined ? [] : [String(maximum + 1), '1e15', '1e308']),
    ...(type === 'integer' ? ['1.5', '1e-3'] : []),
    ...(minLength === undefined || minLength === 0 ? [] : ['""']),
    ...(maxLength === undefined ? [] : [`"${'x'.repeat(maxLength + 1)}"`]),
    ...(minItems === undefined || minItems === 0 ? [] : ['[]']),
    ...(maxItems === undefined
      ? []
      : [
          `[${Array(maxItems + 1)
            .fill('"x"')
            .join(',')}]`,
        ]),
    ...(values === undefined ? [] : ['"none of them"', '""', '"__proto__"']),
  ];
}

/** The types that a schema allows, an integer being a number too; undefined when it says nothing of them. */
function typesOf({ type, oneOf: variants }: Schema): Set<string> | undefined {
  if (variants || type === undefined) return undefined;
  return new Set(type === 'number' ? ['number', 'integer'] : [type]);
}

/** Deeper than the 16 levels that a body may have. */
function deepJson(random: Random): string {
  const levels = oneOf(random, [17, 18, 40, 1_000, 20_000]);
  return random.integer(2) === 0
    ? '['.repeat(levels) + ']'.repeat(levels)
    : `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}

/** Such as `items[0].price`. */
export function placeOf(path: Path): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return place === '' ? 'the body' : place.replace(/^\./, '');
}
