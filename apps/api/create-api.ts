import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiKeys } from '#access';
import type { Configuration } from '#platform';
import { applicationOptions } from '../application-options.js';
import { ApiModule } from './api.module.js';
import { answerBrokenPath, answerBrokenRequest, refuseHalfRequests } from './http/broken-request.js';
import { answerPreflights } from './http/cross-origin.js';
import { Drain } from './http/drain.js';
import { Gatekeeper } from './http/gatekeeper.js';
import { takeJsonOnly } from './http/json-body.js';
import { KnownRoutes } from './http/known-routes.js';
import { LoadShedding } from './http/load-shedding.js';
import { ProblemFilter } from './http/problem.filter.js';
import { sendSecurityHeaders } from './http/security-headers.js';
import { serverLimits } from './http/server-limits.js';
import { Metrics } from './metrics/metrics.js';
import { serveDocumentation } from './openapi/document.js';

/** An id of 256 characters, each of up to 4 bytes, percent-encoded. */
const longestPathParameter = 256 * 4 * 3;

/**
 * The API, ready to listen: `await app.listen(configuration.port, configuration.host)`. It starts what it needs (the
 * embedded Postgres without DATABASE_URL) and `app.close()` stops it again.
 * @param roles modules of other roles that run in the same process
 */
export async function createApi(
  configuration: Configuration,
  roles: readonly DynamicModule[] = [],
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    ...serverLimits(configuration),
    routerOptions: { maxParamLength: longestPathParameter },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBrokenPath,
    // What still comes on an open connection while we stop is answered like the rest.
    return503OnClosing: false,
  });
  takeJsonOnly(adapter.getInstance());
  const routes = new KnownRoutes(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.forRoot(configuration, roles),
    adapter,
    applicationOptions(configuration),
  );
  app.useGlobalFilters(new ProblemFilter(routes));
  const server = adapter.getInstance();
  app.get(Metrics).observe(server);
  app.get(Drain).attach(server);
  app.get(LoadShedding).guard(server);
  sendSecurityHeaders(server);
  refuseHalfRequests(server);
  app.get(Gatekeeper).guard(server);
  answerPreflights(server, app.get(ApiKeys));
  serveDocumentation(app);
  return app;
}
