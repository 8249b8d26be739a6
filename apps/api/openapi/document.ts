import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const problemResponse = {
  description: 'What was wrong, as a problem document (RFC 9457).',
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

const description = `Send what visitors do to \`/v1/events\`, ask \`/v1/recommendations\` what they will want next.

Every request carries a key: a public key (\`npk_public_...\`, for storefronts) may send events and read recommendations,
a secret key (\`npk_secret_...\`, for servers) may do all. Press *Authorize* and paste one to try the routes here.`;

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
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.put, path.delete]) {
      if (operation) operation.responses['4XX'] = problemResponse;
    }
  }
  return document;
}
