/** Plain facts that go with an error, for logs and for the HTTP problem document. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;

/**
 * What kind of mistake an error is. One place maps kinds to HTTP statuses, one to retry or give up.
 * `invalid`: the input is wrong; `notFound`; `forbidden`: the key may not; `conflict`: the state does not allow it;
 * `rateLimited`: too often; `unavailable`: it may work later; `internal`: our fault.
 */
export type ErrorKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'notFound' | 'conflict' | 'rateLimited' | 'unavailable' | 'internal';

/**
 * The base of every error that Nextpick throws on purpose.
 * `code` is stable and machine-readable; `message` tells a person what was wrong, where, and what would be right.
 */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly facts: ErrorFacts = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Whether the same call may succeed later without a change. */
  get retriable(): boolean {
    return this.kind === 'unavailable' || this.kind === 'rateLimited';
  }
}

/** Input that does not fit the contract; `facts` names the file and line, or the field. */
export class InvalidInputError extends DomainError {
  constructor(code: string, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super('invalid', code, message, facts, options);
  }
}
