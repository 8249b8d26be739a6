import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { identifierFault } from '#domain';
import { InvalidFieldsError } from './invalid-fields.error.js';

/** Lets only ids through in the place of a path parameter. */
@Injectable()
export class IdentifierParameterPipe implements PipeTransform<string, string> {
  /** @throws InvalidFieldsError that names the parameter. */
  transform(value: string, { data: field = 'path' }: ArgumentMetadata): string {
    const fault = identifierFault(value);
    if (fault !== undefined) throw new InvalidFieldsError([{ field, message: `${field} ${fault}` }]);
    return value;
  }
}
