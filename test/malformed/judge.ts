import type { Answer, Outcome } from './connection.js';
import type { WrongRequest } from './wrong-request.js';

/** What nobody outside may see of the inside. */
const INSIDE =
  /\bat .+\.[cm]?[jt]s:\d|node_modules|node:internal|file:\/\/|\/(?:dist|libs|apps)\/|QueryFailedError|violates .* constraint|relation "|syntax error at|\bselect\b.+\bfrom\b|\binsert into\b/i;

/** A key, or so much of one that it could be told. */
export const KEY = /npk_(?:public|secret)_[\w-]{6}/;

/** What is wrong with what a server said; undefined when all is well. */
export function faultOf({ verdict }: WrongRequest, outcome: Outcome): string | undefined {
  if (outcome === 'silent') return 'there was no answer';
  if (outcome === 'cut off')
    return verdict.kind === 'refused or cut off' ? undefined : 'the connection was cut off without an answer';
  const { status, text } = outcome;
  if (INSIDE.test(text)) return 'the answer tells of the inside';
  if (KEY.test(text) || Object.values(outcome.headers).some((value) => KEY.test(value)))
    return 'the answer has a key in it';
  if (verdict.kind === 'rejected') return rejectionFault(outcome);
  if (status < 400 || status > 499) return `the status is ${status}`;
  if (verdict.kind === 'refused' && !verdict.statuses.includes(status)) {
    return `the status is ${status}, not ${verdict.statuses.join(' or ')}`;
  }
  return problemFault(outcome);
}

/** What the answer says is wrong, for counting. */
export function codeOf(outcome: Outcome): string {
  if (typeof outcome === 'string') return outcome;
  const body = parsed(outcome.text);
  return `${outcome.status} ${typeof body?.code === 'string' ? body.code : 'accepted, with the record rejected'}`;
}

function problemFault({ status, headers, text }: Answer): string | undefined {
  if (!headers['content-type']?.startsWith('application/problem+json')) return 'it is no problem document';
  const problem = parsed(text);
  if (!problem) return 'it is not a JSON object';
  const missing = ['type', 'title', 'detail', 'code'].find(
    (name) => typeof problem[name] !== 'string' || problem[name] === '',
  );
  if (missing !== undefined) return `it has no ${missing}`;
  if (problem.status !== status) return 'its status is another than that of the answer';
  if (!/^[a-z_]+$/.test(problem.code as string)) return 'its code is none';
  return text.length > 10_000 ? 'it is too long' : undefined;
}

function rejectionFault({ status, text }: Answer): string | undefined {
  if (status < 200 || status > 299) return `the status is ${status}, but a record stands alone`;
  const { accepted, rejected } = parsed(text) ?? {};
  const one = Array.isArray(rejected) && rejected.length === 1;
  return accepted === 0 && one ? undefined : 'the record was not rejected';
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
