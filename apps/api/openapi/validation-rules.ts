import { getMetadataStorage } from 'class-validator';
import type { OpenAPIObject } from '@nestjs/swagger';
import { IDENTIFIER_LENGTH } from '#domain';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Exclude<Schemas[string], { $ref: string }>;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

const identifier: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: IDENTIFIER_LENGTH,
  pattern: String.raw`^[^\p{Cc}\p{Cs}]+$`,
};

/** What a class-validator decorator, by its name and first constraint, says in JSON Schema. */
const meanings: Readonly<Record<string, (constraint: unknown) => Schema>> = {
  isIdentifier: () => identifier,
  isIdentifierList: () => ({ type: 'array', items: identifier }),
  isInstant: () => ({ type: 'string', format: 'date-time' }),
  isString: () => ({ type: 'string' }),
  isUrl: () => ({ type: 'string' }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  isBoolean: () => ({ type: 'boolean' }),
  isArray: () => ({ type: 'array' }),
  isObject: () => ({ type: 'object' }),
  isIn: (values) => ({ enum: values as unknown[] }),
  min: (least) => ({ minimum: least as number }),
  max: (most) => ({ maximum: most as number }),
  minLength: (least) => ({ minLength: least as number }),
  maxLength: (most) => ({ maxLength: most as number }),
  arrayNotEmpty: () => ({ minItems: 1 }),
  arrayMinSize: (least) => ({ minItems: least as number }),
  arrayMaxSize: (most) => ({ maxItems: most as number }),
  matches: (pattern) => ({ type: 'string', pattern: (pattern as RegExp).source }),
};

/**
 * Says in the schemas of request classes what class-validator checks: types (reflection knows none of a `string | null`), limits and
 * forms, that an optional field may be null, and that an unknown field is refused.
 */
export function tellValidationRules(schemas: Schemas): void {
  for (const contract of contracts()) {
    const schema = schemas[contract.name];
    if (!schema || '$ref' in schema) continue;
    schema.additionalProperties = false;
    const rules = getMetadataStorage().getTargetValidationMetadatas(contract, '', false, false);
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      if ('$ref' in property) continue;
      tell(
        property,
        rules.filter(({ propertyName }) => propertyName === field),
      );
    }
  }
}

/** The classes that have rules; class-validator keeps them in a map that it does not give out. */
function contracts(): { readonly name: string }[] & (new () => object)[] {
  const known = Reflect.get(getMetadataStorage(), 'validationMetadatas') as Map<new () => object, unknown>;
  return [...known.keys()];
}

function tell(property: Schema, rules: readonly Rule[]): void {
  for (const { name, constraints, each } of rules) {
    const meaning = meanings[name ?? '']?.((constraints as unknown[] | undefined)?.[0]);
    if (!meaning) continue;
    // What was written by hand stands, but for the types that reflection has of itself.
    const { type, items, ...rest } = each ? { items: meaning } : meaning;
    if (type !== undefined) property.type = type;
    if (items !== undefined) property.items = { ...items, ...property.items };
    Object.assign(property, { ...rest, ...property });
  }
  if (property.type !== undefined && rules.some(({ name }) => name === 'isOptional')) property.nullable = true;
}
