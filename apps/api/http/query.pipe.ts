import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { checkContract } from '#platform';
import { InvalidFieldsError } from './invalid-fields.error.js';

/**
 * Checks the query string of a request against the class-validator class of the handler's parameter, as `BodyPipe` does with a body:
 * `@Query(QueryPipe) query: ThingsQueryDto`. An empty value counts as absent; a name given twice has a list, which is no text.
 */
@Injectable()
export class QueryPipe implements PipeTransform {
  /** @throws InvalidFieldsError that names every wrong field. */
  transform(value: object, { metatype }: ArgumentMetadata): unknown {
    if (!metatype) return value;
    const given = Object.entries(value).filter(([, content]) => content !== '');
    const checked = checkContract<object>(metatype, Object.fromEntries(given));
    if (checked.faults) throw new InvalidFieldsError(checked.faults);
    return checked.value;
  }
}
