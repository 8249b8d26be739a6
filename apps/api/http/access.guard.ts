import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import { DomainError } from '#domain';
import { ACCESS, DOCUMENTED_ACCESS, type AccessLevel, type KeyedRequest } from './access.js';
import { keyMissing } from './gatekeeper.js';

/**
 * Opens a route, or all routes of a controller, to more than secret keys. What is below `/v1/` needs a key whatever it says; `public`
 * stands on the route itself, which then also answers browsers on pages of other origins.
 */
export const Access = (level: AccessLevel) =>
  applyDecorators(SetMetadata(ACCESS, level), RouteConfig({ [ACCESS]: level }), ApiExtension(DOCUMENTED_ACCESS, level));

/** The store of the key that the request came with. */
export const Store = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { keyHolder } = context.switchToHttp().getRequest<KeyedRequest>();
  if (!keyHolder) throw new Error('This route is open: it has no key and so no store');
  return keyHolder.store;
});

/** Lets a request to a route only with a key that may call it. `Gatekeeper` has checked the key itself. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const level = this.reflector.getAllAndOverride<AccessLevel | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (level === 'open') return true;
    const { keyHolder } = context.switchToHttp().getRequest<KeyedRequest>();
    if (!keyHolder) throw keyMissing();
    if (keyHolder.kind !== 'secret' && level !== 'public') {
      throw new DomainError(
        'forbidden',
        'secret_key_needed',
        'A public key may only send events and read recommendations; this route needs a secret key.',
      );
    }
    return true;
  }
}
