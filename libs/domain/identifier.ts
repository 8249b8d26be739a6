/** The longest id of a store, visitor, session, event, item or order, in UTF-16 code units. */
export const IDENTIFIER_LENGTH = 256;

const CONTROL_OR_HALF_CHARACTER = /[\p{Cc}\p{Cs}]/u;

/**
 * What is wrong with an id, as the end of a sentence that begins with its field's name; undefined when it is good.
 * Ids are opaque text: Postgres stores no NUL, and the lists of ids that we keep are separated by control characters.
 */
export function identifierFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  if (value === '') return 'must not be empty';
  if (value.length > IDENTIFIER_LENGTH)
    return `has ${value.length} characters, at most ${IDENTIFIER_LENGTH} are allowed`;
  if (CONTROL_OR_HALF_CHARACTER.test(value)) return 'must not contain control characters or broken Unicode';
  return undefined;
}
