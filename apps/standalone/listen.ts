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

/**
 * Opens a role's port.
 * @returns its address as somebody on this machine would type it, without a path
 * @throws DomainError `cannot_listen` that tells what to change
 */
export async function listen(app: NestFastifyApplication, { host, port, setting }: Door): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem =
      code === 'EADDRINUSE'
        ? `port ${port} is in use; choose another, such as ${setting}=${port + 1}`
        : `${message}; see HOST and ${setting}`;
    throw new DomainError('conflict', 'cannot_listen', `Cannot listen on ${host}: ${problem}.`, { port }, { cause });
  }
  const { port: actual, family } = app.getHttpServer().address() as AddressInfo;
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? '127.0.0.1' : family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${actual}`;
}
