import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KnownRoutes } from './known-routes.js';
import { PROBLEM_TYPE, problemOf, refusal } from './problem.js';

/** The one place where errors become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('HTTP');

  /** @param routes of the server, to tell a wrong method from a wrong path */
  constructor(private readonly routes?: KnownRoutes) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const [request, reply] = [
      host.switchToHttp().getRequest<FastifyRequest>(),
      host.switchToHttp().getResponse<FastifyReply>(),
    ];
    const allowed = this.otherMethods(request);
    const problem = allowed.length > 0 ? refusal(405) : hasLeft(request) ? refusal(400) : problemOf(error);
    if (allowed.length > 0) void reply.header('allow', allowed.join(', '));
    if (problem.status >= 500) {
      const where = `${request.method} ${request.routeOptions.url ?? 'unknown route'}`;
      this.logger.error(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="nextpick"');
    if (problem.status === 503) void reply.header('retry-after', '5');
    void reply.status(problem.status).header('content-type', PROBLEM_TYPE).send(problem);
  }

  /** What a path takes whose route is not for the method of a request. A preflight that no page may send finds no route. */
  private otherMethods({ is404, method, url }: FastifyRequest): string[] {
    return is404 && method !== 'OPTIONS' ? (this.routes?.methodsOf(url) ?? []) : [];
  }
}

/** Whether a client hung up before its request was here: no fault of ours, and nobody reads the answer. */
function hasLeft({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}
