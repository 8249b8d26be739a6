import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, Registry } from 'prom-client';
import { DomainError } from '#domain';
import { Configuration } from '#platform';
import { allowOrigin } from './cross-origin.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Requests that share a limit, so that those of one lane never take the places of another's. */
interface Lane {
  readonly name: 'recommendations' | 'events';
  /** What the paths of its routes begin with. */
  readonly prefix: string;
  readonly limit: number;
  underWay: number;
}

/** A request with the lane that it takes a place of, as long as it does. */
type CountedRequest = FastifyRequest & { lane?: Lane | undefined };

/** Seconds. The work under way is done long before. */
const retryAfter = '1';

/** The same bytes for every refused request: refusing must cost next to nothing. */
const overloaded = JSON.stringify(
  problemOf(
    new DomainError(
      'unavailable',
      'overloaded',
      'This server has as many requests under way as it can answer in time. Send it again after the seconds that Retry-After says.',
    ),
  ),
);

/**
 * Refuses what a process cannot answer in time, instead of letting it wait: each lane works on so many requests at once, and any more get
 * a 503 as soon as their headers are read, before the key is looked at. With a limit of L and a rate of R a second nobody waits
 * longer than about L / R seconds (Little's law), whatever comes. Health, metrics and the routes for secret keys are never refused.
 */
@Injectable()
export class LoadShedding {
  private readonly lanes: readonly Lane[];
  private readonly refused: Counter<'lane'>;

  constructor(configuration: Configuration, @Inject(Registry) registry: Registry) {
    const { maxRecommendationsAtOnce, maxEventRequestsAtOnce } = configuration;
    const lanes: readonly Lane[] = [
      {
        name: 'recommendations',
        prefix: '/v1/recommendations',
        limit: maxRecommendationsAtOnce,
        underWay: 0,
      },
      { name: 'events', prefix: '/v1/events', limit: maxEventRequestsAtOnce, underWay: 0 },
    ];
    this.lanes = lanes;
    const registers = [registry];
    this.refused = new Counter({
      name: 'nextpick_shed_requests_total',
      help: 'Requests refused with 503 because as many as allowed were under way.',
      labelNames: ['lane'],
      registers,
    });
    for (const { name } of lanes) this.refused.inc({ lane: name }, 0);
    new Gauge({
      name: 'nextpick_requests_under_way',
      help: 'Requests that are being answered now.',
      labelNames: ['lane'],
      registers,
      collect(this: Gauge<'lane'>) {
        for (const { name, underWay } of lanes) this.set({ lane: name }, underWay);
      },
    });
  }

  /** Stands before every route from now on; what is registered earlier also runs for refused requests. */
  guard(server: FastifyInstance): void {
    server.addHook('onRequest', (request, reply, done) => {
      const lane = this.laneOf(request);
      if (!lane) done();
      else if (lane.underWay < lane.limit) {
        enter(lane, request);
        // One that hangs up before its body is here is never answered; what the others began is finished for nobody.
        reply.raw.once('close', () => {
          if (!request.raw.complete) leave(request);
        });
        done();
      } else this.refuse(lane, request, reply);
    });
    server.addHook('onSend', (request, _, payload, done) => {
      leave(request);
      done(null, payload);
    });
  }

  private laneOf({ method, routeOptions: { url } }: FastifyRequest): Lane | undefined {
    return method === 'POST' ? this.lanes.find(({ prefix }) => url?.startsWith(prefix)) : undefined;
  }

  private refuse({ name }: Lane, { headers: { origin } }: FastifyRequest, reply: FastifyReply): void {
    this.refused.inc({ lane: name });
    void reply.headers(SECURITY_HEADERS).header('vary', 'Origin');
    // Whether the page may use its key is not known yet; that the server is busy any page may read.
    if (origin !== undefined) allowOrigin(reply, origin);
    void reply.status(503).header('retry-after', retryAfter).header('content-type', PROBLEM_TYPE).send(overloaded);
  }
}

// Counted, not kept in a set: each time a set makes room, V8 keeps its former table, and the requests in it, until all old memory is looked
// through, which then has to be done every few seconds.
function enter(lane: Lane, request: CountedRequest): void {
  lane.underWay += 1;
  request.lane = lane;
}

/** Once for each time that it entered, however often it is called. */
function leave(request: CountedRequest): void {
  if (!request.lane) return;
  request.lane.underWay -= 1;
  request.lane = undefined;
}
