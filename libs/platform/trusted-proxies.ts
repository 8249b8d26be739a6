import { registerDecorator } from 'class-validator';
import { isIP } from 'node:net';

/** Names of networks that Fastify knows: https://fastify.dev/docs/latest/Reference/Server/#trustproxy. */
const networkNames = ['loopback', 'linklocal', 'uniquelocal'];

/** `false` as it is, anything else as a list. */
export const asProxies = (text: string): false | string[] =>
  text.trim().toLowerCase() === 'false' ? false : text.split(',').map((proxy) => proxy.trim());

/** class-validator: `false`, or a list of addresses and networks. */
export function IsTrustedProxies(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isTrustedProxies',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => value === false || (Array.isArray(value) && value.every(isProxy)),
        defaultMessage: () =>
          'must be false, or the addresses of your proxies with commas between, such as 10.0.0.7 or 10.0.0.0/8 or loopback',
      },
    });
  };
}

function isProxy(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (networkNames.includes(value)) return true;
  const [address = '', prefix, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
