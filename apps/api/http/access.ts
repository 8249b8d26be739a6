import type { FastifyRequest } from 'fastify';
import type { KeyHolder } from '#access';

/** Who may call a route: anybody, any key, or (when a route says nothing) secret keys alone. */
export type AccessLevel = 'open' | 'public' | 'secret';

/** The metadata, and the entry of a Fastify route's `config`, that hold a route's level. */
export const ACCESS = 'nextpick:access';

/** The extension of an OpenAPI operation that holds its level; one without it is for secret keys. */
export const DOCUMENTED_ACCESS = 'x-access';

/** A request with the holder of its key, once that was checked. */
export type KeyedRequest = FastifyRequest & { keyHolder?: KeyHolder };
