import { registerDecorator, type ValidationArguments } from 'class-validator';
import { identifierFault } from '#domain';

/** class-validator: a list of at most `maximum` ids; the message names the first bad one. */
export function IsIdentifierList(maximum: number): PropertyDecorator {
  return (target, property) => {
    const name = String(property);
    registerDecorator({
      name: 'isIdentifierList',
      target: target.constructor,
      propertyName: name,
      validator: {
        validate: (value: unknown) => faultOf(value, name, maximum) === undefined,
        defaultMessage: (details?: ValidationArguments) => faultOf(details?.value, name, maximum) ?? '',
      },
    });
  };
}

function faultOf(value: unknown, name: string, maximum: number): string | undefined {
  if (!Array.isArray(value)) return 'must be a list of ids';
  if (value.length > maximum) return `must have at most ${maximum} ids, not ${value.length}`;
  for (const [i, id] of value.entries()) {
    const fault = identifierFault(id);
    if (fault !== undefined) return `must be a list of ids, but ${name}[${i}] ${fault}`;
  }
  return undefined;
}
