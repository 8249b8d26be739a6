import { createParamDecorator, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ApiKeys, type KeyHolder } from '#access';
import { DomainError } from '#domain';

/** Who may call a route: anybody, any key, or (when a route says nothing) secret keys alone. */
export type AccessLevel = 'open' | 'public' | 'secret';

const levelKey = 'nextpick:access';

/** Opens a route, or all routes of a controller, to more than secret keys. */
export const Access = (level: AccessLevel) => SetMetadata(levelKey, level);

type KeyedRequest = FastifyRequest & { keyHolder?: KeyHolder };

/** The store of the key that the request came with. */
export const Store = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { keyHolder } = context.switchToHttp().getRequest<KeyedRequest>();
  if (!keyHolder) throw new Error('This route is open: it has no key and so no store');
  return keyHolder.store;
});

/** Lets a request in only with a key that may call its route. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const level = this.reflector.getAllAndOverride<AccessLevel | undefined>(levelKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (level === 'open') return true;
    const request = context.switchToHttp().getRequest<KeyedRequest>();
    const holder = await this.keys.authenticate(bearer(request.headers.authorization));
    if (!holder) {
      throw new DomainError(
        'unauthenticated',
        'key_unknown',
        'The API key is unknown or revoked. Make one with `npm run nextpick -- keys create`.',
      );
    }
    if (holder.kind !== 'secret' && level !== 'public') {
      throw new DomainError(
        'forbidden',
        'secret_key_needed',
        'A public key may only send events and read recommendations; this route needs a secret key.',
      );
    }
    request.keyHolder = holder;
    return true;
  }
}

function bearer(header: string | undefined): string {
  const [, key] = /^Bearer +(.+)$/i.exec(header ?? '') ?? [];
  if (key !== undefined) return key;
  throw new DomainError(
    'unauthenticated',
    'key_missing',
    'The request needs an API key in the header Authorization: Bearer npk_...',
  );
}
