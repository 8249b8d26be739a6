import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';

type Components = NonNullable<OpenAPIObject['components']>;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = NonNullable<Components['responses']>;

const problemSchema = {
  type: 'object',
  description: 'What was wrong (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', example: 'about:blank' },
    title: { type: 'string', example: 'Bad Request' },
    status: { type: 'integer', example: 400 },
    detail: { type: 'string', description: 'For a person.' },
    code: { type: 'string', description: 'For a program; stable.', example: 'invalid_request' },
    errors: {
      type: 'array',
      description: 'The wrong fields.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: {
          field: { type: 'string', description: 'Such as `items[3]`; empty for the whole body.' },
          message: { type: 'string', description: 'A sentence that begins with the field.' },
        },
      },
    },
  },
} satisfies NonNullable<Components['schemas']>[string];

/** On every answer to a key that has a limit. */
const limitHeaders = {
  'RateLimit-Policy': {
    description:
      'The limits: `q` requests at once, earned again in `w` seconds; by key, and by key and client address.',
    schema: { type: 'string' },
    example: '"client";q=100;w=2, "key";q=2000;w=2',
  },
  RateLimit: {
    description: 'How they stand: `r` requests are left, one more comes within `t` seconds.',
    schema: { type: 'string' },
    example: '"client";r=99;t=1, "key";r=1999;t=1',
  },
} as const;

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' }, example: 1 },
} as const;

const problem = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
} as const;

const descriptions: Readonly<Record<string, string>> = {
  400: 'The request is not valid; `errors` names the fields.',
  401: 'No key, or one that is unknown, revoked or expired.',
  403: 'The key may not do this, or is not for pages of this origin.',
  404: 'There is no such thing, or no such route.',
  408: 'The request did not arrive in time.',
  409: 'The state of things does not allow it.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  429: 'More requests than the key may send. None of it was done; send it again after the time that is named.',
  500: 'Our fault; the log of the server has the details.',
  503: 'Not now. None of it was done; send it again after the time that is named.',
};

/** Adds to every operation the problems that can come of it. @param isOpen whether an operation needs no key */
export function tellProblems(document: OpenAPIObject, isOpen: (operation: Operation) => boolean): void {
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, Problem: problemSchema };
  components.responses = Object.fromEntries(
    Object.keys(descriptions).map((status) => [nameOf(status), responseOf(status)]),
  ) as Responses;
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (!operation) continue;
      const open = isOpen(operation);
      if (!open) {
        for (const response of Object.values(operation.responses)) {
          if (response && !('$ref' in response)) response.headers = { ...response.headers, ...limitHeaders };
        }
      }
      for (const status of statusesOf(operation, path, open)) {
        operation.responses[status] ??= { $ref: `#/components/responses/${nameOf(status)}` };
      }
    }
  }
}

function statusesOf({ requestBody, parameters = [] }: Operation, path: string, open: boolean): string[] {
  const takesInput = requestBody !== undefined || parameters.length > 0;
  return [
    ...(takesInput ? ['400'] : []),
    ...(open ? [] : ['401', '403']),
    ...(path.includes('{') ? ['404'] : []),
    '408',
    ...(requestBody === undefined ? [] : ['413', '415']),
    ...(open ? [] : ['409', '429']),
    '500',
    '503',
  ];
}

/** Such as `BadRequest`. */
function nameOf(status: string): string {
  return (STATUS_CODES[status] ?? '').replaceAll(' ', '');
}

function responseOf(status: string): object {
  return {
    description: descriptions[status],
    ...(status === '503' && { headers: retryAfter }),
    ...(status === '429' && { headers: { ...retryAfter, ...limitHeaders } }),
    ...problem,
  };
}
