import { isUtf8 } from 'node:buffer';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { InvalidInputError } from '#domain';

/** Makes JSON the only thing that a server takes, and tells where it is broken. An empty body is no body. */
export function takeJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body: Buffer, done) => {
    try {
      if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new UnsupportedMediaTypeException();
      done(null, parse(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new InvalidInputError('invalid_json', 'The body is not valid UTF-8, which JSON must be.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidInputError('invalid_json', `The body is not valid JSON: ${reason}`, {}, { cause: error });
  }
}
