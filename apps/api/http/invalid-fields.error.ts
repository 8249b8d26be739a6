import { InvalidInputError } from '#domain';

/** What is wrong with one field of a request. */
export interface FieldError {
  /** Such as `items[3]`; empty for the whole body. */
  readonly field: string;
  /** A sentence that begins with the field. */
  readonly message: string;
}

const longestName = 100;
const mostNamed = 10;

/** A request with wrong fields. */
export class InvalidFieldsError extends InvalidInputError {
  /** Each fault once, at most 10, names cut to 100 characters: the sender decides how many and how long they are. */
  readonly errors: readonly FieldError[];

  constructor(faults: readonly FieldError[]) {
    const different = [...new Map(faults.map((fault) => [fault.message, fault])).values()];
    const named = different.slice(0, mostNamed).map(({ field, message }) => {
      const name = field.length > longestName ? `${field.slice(0, longestName)}…` : field;
      return { field: name, message: message.replace(field, () => name) };
    });
    const more = different.length > mostNamed ? ` (and ${different.length - mostNamed} more)` : '';
    super('invalid_request', `The request is not valid: ${named.map(({ message }) => message).join('; ')}${more}.`);
    this.errors = named;
  }
}
