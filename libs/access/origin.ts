import { InvalidInputError } from '#domain';

/**
 * An origin as browsers send it in the header Origin (RFC 6454): scheme, host and, where it is not the scheme's own, port; in
 * lower case, international names in Punycode.
 * @throws InvalidInputError `origin_invalid`
 */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  const bare = url?.href === `${url?.origin ?? ''}/` && !text.includes('*');
  if (url && web && bare) return url.origin;
  throw new InvalidInputError(
    'origin_invalid',
    `An origin is the scheme and host of a page, such as https://shop.example or http://localhost:5173, without a path or a star; not "${text}".`,
  );
}
