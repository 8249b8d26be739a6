import type { Random } from '#domain';
import type { Contract, KnownParameter, Route } from './contract.js';
import { bytesOf, oneOf, refused, rightRequest, type Keys, type WrongRequest } from './wrong-request.js';

/** Percent-encoded: control characters, halves of characters, what is no UTF-8, too long. */
const wrongIds = [
  '%00', 'a%00b', '%0A', '%0d%0aSet-Cookie:%20a=b', '%7F', '%C2%85', '%C2%9f', '%ED%A0%80', '%ED%BF%BF', '%FF', '%C0%80', '%E0%A4%A', '%', '%z', '%1', 'a%',
  '%u0041', '%F5%80%80%80', 'x'.repeat(257), 'x'.repeat(3_000), 'x'.repeat(5_000), '%F0%9F%9B%92'.repeat(129), '%00'.repeat(500), '%1B%5B31m',
]; // prettier-ignore

/** An id in a path that is none. */
export function wrongId(random: Random, route: Route, keys: Keys): WrongRequest | undefined {
  if (route.pathParameters.length === 0) return undefined;
  const { name } = oneOf(random, route.pathParameters);
  const marked = route.pathParameters.map((parameter) =>
    parameter.name === name ? { ...parameter, value: 'MARK' } : parameter,
  );
  const draft = rightRequest({ ...route, pathParameters: marked }, keys.secret);
  const target = draft.target.replace('MARK', () => oneOf(random, wrongIds));
  return { fault: `{${name}} is no id`, bytes: bytesOf({ ...draft, target }), verdict: refused(400, 414) };
}

/** A query parameter that its schema does not allow. */
export function wrongQuery(random: Random, route: Route, keys: Keys): WrongRequest | undefined {
  const wrong = route.queryParameters.flatMap((parameter) =>
    wrongValues(parameter).map((value) => ({ parameter, value })),
  );
  if (wrong.length === 0) return undefined;
  const { parameter, value } = oneOf(random, wrong);
  const [path = '', query] = rightRequest(route, keys.secret).target.split('?');
  const given = new URLSearchParams(query);
  if (value === undefined) given.delete(parameter.name);
  else given.set(parameter.name, value);
  const draft = { ...rightRequest(route, keys.secret), target: `${path}?${given.toString()}` };
  return { fault: `the query's ${parameter.name} is wrong`, bytes: bytesOf(draft), verdict: refused(400) };
}

function wrongValues({ schema, required }: KnownParameter): (string | undefined)[] {
  const { type, format, minimum, maximum, maxLength, enum: values } = schema;
  const isNumber = type === 'integer' || type === 'number';
  return [
    ...(required ? [undefined] : []),
    ...(isNumber ? ['x', 'NaN', 'Infinity', '1e999', '0x1g', '[]'] : []),
    ...(type === 'integer' ? ['1.5'] : []),
    ...(isNumber && minimum !== undefined ? [String(minimum - 1)] : []),
    ...(isNumber && maximum !== undefined ? [String(maximum + 1)] : []),
    ...(format === 'date' || format === 'date-time'
      ? ['yesterday', '2026-02-30', '2026-13-01T00:00:00Z', '\0', '99999999']
      : []),
    ...(maxLength === 256 ? ['\0', 'x'.repeat(257), '\u0085'] : []),
    ...(values ? ['none of them', '__proto__', '\0'] : []),
  ];
}

/** A path that there is not, or not with this method. */
export function wrongRoute(contract: Contract, random: Random, route: Route, keys: Keys): WrongRequest {
  const right = rightRequest(route, keys.secret);
  const [path = ''] = right.target.split('?');
  if (random.integer(3) === 0) {
    const taken = contract.routes.filter(({ template }) => fits(template, path)).map(({ method }) => method);
    const method = oneOf(
      random,
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LINK', 'SEARCH'].filter(
        (each) => !taken.includes(each),
      ),
    );
    const body = method === 'GET' ? undefined : right.body;
    return {
      fault: 'a method that the path does not have',
      bytes: bytesOf({ ...right, method, body }),
      verdict: refused(404, 405, 501),
    };
  }
  const first = `/${path.split('/')[1] ?? ''}`;
  const target = oneOf(random, [
    `/${path}`, `${path}/none/such/thing`, path.toUpperCase(), `${path};a=b/none`, `${path}/..;/x/y`, `${first}/none/%2e%2e/such`, '/', '/v2/events', '/v1', '/admin', '/.env',
    '/v1/..%2f..%2fetc%2fpasswd', '/wp-login.php', '/none/%', '/none/%FF', `/none/${'x'.repeat(8_000)}`, '/__proto__', '/constructor', '/v1/__proto__/x/y', '/docs-json/x', '/metrics/x',
    '*', '/v1/events%00', '/none?a=%', `/none?${'a=b&'.repeat(1_000)}`, '/v1//', '/%2e%2e/%2e%2e/etc', 'none', '\\v1\\events',
  ]); // prettier-ignore
  return {
    fault: 'a path that there is not',
    bytes: bytesOf({ ...right, target }),
    verdict: refused(400, 404, 405, 414),
  };
}

function fits(template: string, path: string): boolean {
  const [pattern, given] = [template.split('/'), path.split('/')];
  return pattern.length === given.length && pattern.every((step, i) => step.startsWith('{') || step === given[i]);
}
