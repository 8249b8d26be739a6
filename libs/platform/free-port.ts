import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { DomainError } from '#domain';

/**
 * A free port of 127.0.0.1 below the range from which systems take the near end of an outgoing connection. In that range a client that
 * tries again and again to reach a server that is down may take the server's port, or even be connected to itself.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(20_000, 32_768);
    if (await isPortFree(port)) return port;
  }
  throw new DomainError('unavailable', 'no_free_port', 'No port from 20000 to 32767 on 127.0.0.1 is free.');
}

/** Whether nothing listens on a port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => {
      done(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        done(true);
      });
    });
  });
}
