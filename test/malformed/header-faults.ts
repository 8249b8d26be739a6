import type { Random } from '#domain';
import type { Route } from './contract.js';
import { bytesOf, oneOf, refused, rightRequest, withHeader, type Keys, type WrongRequest } from './wrong-request.js';

/** A key that is none, or is not for this route or page. */
export function wrongKey(random: Random, route: Route, keys: Keys): WrongRequest | undefined {
  if (route.access === 'open') return undefined;
  const right = rightRequest(route, keys.secret);
  if (route.access === 'secret' && random.integer(3) === 0) {
    return {
      fault: 'a public key where a secret one must be',
      bytes: bytesOf(withHeader(right, 'Authorization', `Bearer ${keys.public}`)),
      verdict: refused(403),
    };
  }
  if (route.access === 'public' && random.integer(4) === 0) {
    const origin = oneOf(random, [
      'https://evil.example',
      'null',
      'http://shop.example',
      'https://shop.example.evil',
      '',
      '*',
      'x',
    ]);
    const keyed = withHeader(right, 'Authorization', `Bearer ${keys.forOneOrigin}`);
    return {
      fault: 'a page that the key is not for',
      bytes: bytesOf(withHeader(keyed, 'Origin', origin)),
      verdict: refused(403),
    };
  }
  const value = oneOf(random, authorizations(random, keys));
  return {
    fault: 'a key that is none',
    bytes: bytesOf(withHeader(right, 'Authorization', value)),
    verdict: refused(401),
  };
}

function authorizations(random: Random, { secret, revoked, expired }: Keys): (string | undefined)[] {
  const other = secret.slice(0, -1) + (secret.endsWith('A') ? 'E' : 'A');
  const place = 'npk_secret_'.length + random.integer(40);
  return [
    undefined, '', 'Bearer', 'Bearer ', `Basic ${btoa(`user:${secret}`)}`, secret, `Token ${secret}`, `Bearer=${secret}`, `Bearer: ${secret}`, `Bearer ${secret} x`,
    `Bearer ${secret}, Bearer ${secret}`, `Bearer "${secret}"`, `Bearer ${revoked}`, `Bearer ${expired}`, `Bearer ${other}`, `Bearer ${secret.toUpperCase()}`,
    `Bearer ${secret.slice(0, place)}`, `Bearer ${secret}${secret}`, `Bearer ${secret.replace('secret', 'public')}`, `Bearer npk_secret_${'A'.repeat(43)}`,
    `Bearer npk_admin_${'A'.repeat(43)}`, "Bearer npk_secret_' or 1=1 --", `Bearer ${'x'.repeat(8_000)}`, 'Bearer \x80\xff', 'Bearer __proto__', 'Bearer null', `Bearer\t${secret}`,
    `Bearer ${secret}%00`, 'Bearer [object Object]', `Digest username="${secret}"`, 'Bearer eyJhbGciOiJub25lIn0.e30.',
  ]; // prettier-ignore
}

/** Headers that no request may have. */
export function wrongHeader(random: Random, route: Route, keys: Keys): WrongRequest {
  const right = rightRequest(route, keys.secret);
  const [fault, name, value, status] = oneOf(random, [
    ['headers that are too large', 'X-Long', 'x'.repeat(17_000 + random.integer(20_000)), 431],
    ['a name that is too long', 'x'.repeat(17_000), 'x', 431],
    ['an expectation that nobody knows', 'Expect', oneOf(random, ['200-ok', 'x', '__proto__', '100-continued']), 417],
    ['no host', 'Host', undefined, 400],
    ['NUL in a header', 'X-Odd', 'a\0b', 400],
    ['a line feed in a header', 'X-Odd', 'a\nb', 400],
    ['a space in a name', 'X Odd', 'x', 400],
    ['no name', '', 'x', 400],
    ['letters that no name has', 'X-\xe9', 'x', 400],
  ] as const);
  return { fault, bytes: bytesOf(withHeader(right, name, value)), verdict: refused(status) };
}
