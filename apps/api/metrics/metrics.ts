import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, Registry } from 'prom-client';

/** What the process measures about itself, for Prometheus. */
@Injectable()
export class Metrics {
  readonly recommended: Counter<'source'>;
  readonly events: Counter<'outcome'>;
  private readonly requests: Histogram<'method' | 'route' | 'status'>;

  constructor(@Inject(Registry) registry: Registry) {
    const registers = [registry];
    this.recommended = new Counter({
      name: 'nextpick_recommended_items_total',
      help: 'Items given in answers, by what brought them in.',
      labelNames: ['source'],
      registers,
    });

    this.events = new Counter({
      name: 'nextpick_events_total',
      help: 'Events received over HTTP, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });

    this.requests = new Histogram({
      name: 'nextpick_http_request_duration_seconds',
      help: 'From the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 1, 5],
      registers,
    });
  }

  /** Times every request of a server. Routes are told by their pattern, so that paths cannot multiply the series. */
  observe(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      this.requests.observe(
        { method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode },
        reply.elapsedTime / 1000,
      );
      done();
    });
  }
}
