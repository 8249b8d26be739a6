import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Configuration } from '#platform';

/**
 * How the server stops without failing a request that it took. At first (STOP_DELAY_SECONDS) it serves as before, but is not ready,
 * so that a proxy sends no more, and ends each connection with its next answer. Then nobody new is let in, idle connections are
 * closed, and what is under way is answered (DRAIN_SECONDS). What is left after that is cut off. Models and database go last.
 */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private begun = false;

  constructor(private readonly configuration: Configuration) {}

  /** Whether the server is about to stop, and should get no more requests. */
  get stopping(): boolean {
    return this.begun;
  }

  /** Must be called before routes are made. */
  attach(server: FastifyInstance): void {
    server.addHook('onSend', (_, reply, payload, done) => {
      if (this.begun) void reply.header('connection', 'close');
      done(null, payload);
    });
    let cutOff: NodeJS.Timeout | undefined;
    server.addHook('preClose', (done) => {
      cutOff = setTimeout(() => {
        server.server.closeAllConnections();
      }, this.configuration.drainSeconds * 1000);
      done();
    });
    server.addHook('onClose', (_, done) => {
      clearTimeout(cutOff);
      done();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.begun = true;
    await pause(this.configuration.stopDelaySeconds * 1000);
  }
}
