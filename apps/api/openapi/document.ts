import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const problem = {
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'detail', 'code'],
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string', description: 'For a person.' },
          code: { type: 'string', description: 'For a program; stable.' },
          errors: {
            type: 'array',
            items: {
              type: 'object',
              properties: { field: { type: 'string' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  },
};

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

const problemResponse = { description: 'What was wrong, as a problem document (RFC 9457).', ...problem };

const tooManyResponse = {
  description: 'More requests than the key may send. None of it was done; send it again after the time that is named.',
  headers: {
    'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' }, example: 1 },
    ...limitHeaders,
  },
  ...problem,
} as const;

const description = `Send what visitors do to \`/v1/events\`, ask \`/v1/recommendations\` what they will want next.

Every request carries a key: a public key (\`npk_public_...\`, for storefronts) may send events and read recommendations,
a secret key (\`npk_secret_...\`, for servers) may do all. Press *Authorize* and paste one to try the routes here.

A key can be for the pages of some origins only, and have limits: every answer tells how they stand, in the headers \`RateLimit-Policy\`
and \`RateLimit\` of the [IETF draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/), and a 429 after how many
seconds to come back.`;

/** Serves the OpenAPI page at /docs, with everything it needs from this server, and the document at /docs-json. */
export function serveDocumentation(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Nextpick')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'key')
    .addSecurityRequirements('key')
    .build();
  const document = withProblems(SwaggerModule.createDocument(app, config));
  SwaggerModule.setup('docs', app, document, {
    customSiteTitle: 'Nextpick API',
    // The default asks a server on the internet whether the document is valid.
    swaggerOptions: { validatorUrl: null, persistAuthorization: true },
  });
}

function withProblems(document: OpenAPIObject): OpenAPIObject {
  for (const [route, path] of Object.entries(document.paths)) {
    for (const operation of [path.get, path.post, path.put, path.delete]) {
      if (!operation) continue;
      if (route.startsWith('/v1/')) {
        for (const response of Object.values(operation.responses)) {
          if (response && !('$ref' in response)) response.headers = { ...response.headers, ...limitHeaders };
        }
        operation.responses['429'] = tooManyResponse;
      }
      operation.responses['4XX'] = problemResponse;
    }
  }
  return document;
}
