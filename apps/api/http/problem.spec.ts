import { HttpException } from '@nestjs/common';
import { expect, test } from 'vitest';
import { DomainError, InvalidInputError, type ErrorKind } from '#domain';
import { InvalidFieldsError } from './invalid-fields.error.js';
import { problemOf } from './problem.js';

test.each<[ErrorKind, number]>([
  ['invalid', 400],
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['notFound', 404],
  ['conflict', 409],
  ['rateLimited', 429],
  ['unavailable', 503],
])('an error of the kind %s is a %i that tells its code and message', (kind, status) => {
  expect(problemOf(new DomainError(kind, 'some_code', 'What was wrong.'))).toMatchObject({
    type: 'about:blank',
    status,
    code: 'some_code',
    detail: 'What was wrong.',
  });
});

test.each([
  new Error('password=secret at /srv/app.js:1'),
  new DomainError('internal', 'broken', 'password=secret'),
  new HttpException('password=secret', 502),
  Object.assign(new Error('password=secret'), { statusCode: 500 }),
  'password=secret',
  undefined,
])('what is our fault shows nothing of the inside: %s', (error) => {
  const problem = problemOf(error);
  expect(problem).toMatchObject({ status: 500, code: 'internal_error' });
  expect(JSON.stringify(problem)).not.toContain('secret');
});

test.each([
  Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('terminating connection'), { code: '57P01' }),
  new Error('Connection terminated unexpectedly'),
])('a database that is gone is a 503: %s', (error) => {
  expect(problemOf(error)).toMatchObject({ status: 503, code: 'database_unavailable' });
});

test('a field that the domain refuses is named', () => {
  const problem = problemOf(
    new InvalidInputError('invalid_filter', 'filter.lt must be a number', { field: 'filter.lt' }),
  );
  expect(problem).toMatchObject({
    status: 400,
    code: 'invalid_filter',
    detail: 'filter.lt must be a number',
    errors: [{ field: 'filter.lt', message: 'filter.lt must be a number' }],
  });
});

test('wrong fields are named, each fault once, and what the sender made long comes back short', () => {
  const long = 'x'.repeat(10_000);
  const problem = problemOf(
    new InvalidFieldsError([
      { field: 'count', message: 'count must be a number' },
      { field: 'count', message: 'count must be a number' },
      { field: long, message: `${long} is not a known field` },
    ]),
  );
  expect(problem.errors).toEqual([
    { field: 'count', message: 'count must be a number' },
    { field: `${'x'.repeat(100)}…`, message: `${'x'.repeat(100)}… is not a known field` },
  ]);
  expect(problemOf(new InvalidInputError('code', long)).detail.length).toBeLessThan(2_100);
});
