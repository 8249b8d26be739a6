import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind } from '#domain';
import { isDatabaseGone } from '#platform';
import { InvalidFieldsError, type FieldError } from './invalid-fields.error.js';

/** A problem document, RFC 9457. */
export interface Problem {
  /** `about:blank`: the status and `code` say what kind of problem it is. */
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable and machine-readable. */
  readonly code: string;
  /** The wrong fields. */
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The largest body that the API takes, in bytes. */
export const LARGEST_BODY = 1_000_000;

const statuses: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  rateLimited: 429,
  unavailable: 503,
  internal: 500,
};

/** What the server below us refuses, in words that tell what to do. */
const refusals: Readonly<Record<number, { code: string; detail: string }>> = {
  400: { code: 'bad_request', detail: 'The path has a percent sign that does not start a UTF-8 character.' },
  404: { code: 'not_found', detail: 'There is no such route; they are all at /docs.' },
  405: { code: 'method_not_allowed', detail: 'This path has no such method; the header Allow has those that it has.' },
  408: { code: 'request_timeout', detail: 'The request did not arrive in time.' },
  413: {
    code: 'body_too_large',
    detail: `The body must have at most ${LARGEST_BODY / 1e6} MB. Send it in several requests.`,
  },
  414: { code: 'path_too_long', detail: 'A part of the path is too long.' },
  415: {
    code: 'unsupported_media_type',
    detail: 'The body must be JSON, not compressed, with the header Content-Type: application/json.',
  },
  417: { code: 'expectation_failed', detail: 'The header Expect may say nothing but 100-continue.' },
  431: { code: 'headers_too_large', detail: 'The headers are larger than this server takes; send less in them.' },
};

/** The problem that a failed request gets to see; nothing of the inside for what is our fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InvalidFieldsError) {
    return { ...problem(statuses.invalid, error.code, error.message), errors: error.errors };
  }
  if (error instanceof DomainError) {
    if (error.kind === 'internal') return internal;
    const { field } = error.facts;
    const named = error.kind === 'invalid' && typeof field === 'string';
    return {
      ...problem(statuses[error.kind], error.code, error.message),
      ...(named && { errors: [{ field, message: brief(error.message) }] }),
    };
  }
  if (isDatabaseGone(error)) {
    return problem(503, 'database_unavailable', 'The database cannot be reached. Try again in a few seconds.');
  }
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  return status >= 400 && status < 500 ? refusal(status) : internal;
}

/** The problem of a request that did not get as far as a route of ours. */
export function refusal(status: number): Problem {
  const { code, detail } = refusals[status] ?? { code: 'bad_request', detail: 'The request cannot be understood.' };
  return problem(status, code, detail);
}

function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: brief(detail), code };
}

const internal = problem(500, 'internal_error', 'Something went wrong inside Nextpick; its log has the details.');

/** What the sender wrote comes back in messages; it need not come back whole. */
function brief(detail: string): string {
  const limit = 2_000;
  return detail.length > limit ? `${detail.slice(0, limit)}…` : detail;
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
