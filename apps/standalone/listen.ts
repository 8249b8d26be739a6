import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '#domain';

/** Where a role answers, and which setting says so. */
export interface Door {
  readonly host: string;
  readonly port: number;
  /** The environment variable of `port`. */
  readonly setting: 'PORT' | 'INGEST_PORT';
}

/** Connections that wait to be taken; with Node's 511 a burst of new ones is cut, and each comes back only after a second or more. */
const backlog = 4_096;

/**
 * Opens a role's port.
 * @returns its address as somebody on this machine would type it, without a path
 * @throws DomainError `cannot_listen` that tells what to change
 */
export async function listen(app: NestFastifyApplication, { host, port, setting }: Door): Promise<string> {
  try {
    await app.listen({ port, host, backlog });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem =
      code === 'EADDRINUSE'
        ? `port ${port} is in use; choose another, such as ${setting}=${port + 1}`
        : `${message}; see HOST and ${setting}`;
    throw new DomainError('conflict', 'cannot_listen', `Cannot listen on ${host}: ${problem}.`, { port }, { cause });
  }
  return urlOf(host, app.getHttpServer().address() as AddressInfo);
}

/** The address of something that listens on a host's port, as somebody on this machine would type it, without a path. */
export function urlOf(host: string, { port }: { port: number }): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
