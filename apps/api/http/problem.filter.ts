import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_TYPE, problemOf } from './problem.js';

/** The one place where errors become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('HTTP');

  catch(error: unknown, host: ArgumentsHost): void {
    const [request, reply] = [
      host.switchToHttp().getRequest<FastifyRequest>(),
      host.switchToHttp().getResponse<FastifyReply>(),
    ];
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const where = `${request.method} ${request.routeOptions.url ?? 'unknown route'}`;
      this.logger.error(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="nextpick"');
    if (problem.status === 503) void reply.header('retry-after', '5');
    void reply.status(problem.status).header('content-type', PROBLEM_TYPE).send(problem);
  }
}
