import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { DOCUMENTED_ACCESS, type AccessLevel } from '../http/access.js';
import { tellProblems } from './problems.js';
import { tellValidationRules } from './validation-rules.js';

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
    .addSecurity('publicKey', { type: 'http', scheme: 'bearer', description: '`npk_public_...`, for storefronts' })
    .addSecurity('secretKey', { type: 'http', scheme: 'bearer', description: '`npk_secret_...`, for servers' })
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory });
  tellValidationRules((document.components ??= {}).schemas ?? {});
  tellProblems(document, tellKeys(document));
  SwaggerModule.setup('docs', app, document, {
    customSiteTitle: 'Nextpick API',
    // The default asks a server on the internet whether the document is valid.
    swaggerOptions: { validatorUrl: null, persistAuthorization: true },
  });
}

/** Such as `listModels`, for an operation that does not name itself. */
function operationIdFactory(controller: string, method: string): string {
  return method + controller.replace(/Controller$/, '');
}

/** Says of each operation which keys may call it. @returns whether an operation needs none */
function tellKeys({ paths }: OpenAPIObject): (operation: object) => boolean {
  const open = new Set<object>();
  for (const { get, post, put, patch, delete: remove } of Object.values(paths)) {
    for (const operation of [get, post, put, patch, remove]) {
      if (!operation) continue;
      const { [DOCUMENTED_ACCESS]: level } = operation as { [DOCUMENTED_ACCESS]?: AccessLevel };
      if (level === 'open') open.add(operation);
      operation.security =
        level === 'open' ? [] : [...(level === 'public' ? [{ publicKey: [] }] : []), { secretKey: [] }];
    }
  }
  return (operation) => open.has(operation);
}
