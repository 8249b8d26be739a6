import { Random } from '#domain';
import { wrongBody, wrongField } from './body-faults.js';
import { brokenHttp } from './broken-http.js';
import type { Contract, Route } from './contract.js';
import { wrongHeader, wrongKey } from './header-faults.js';
import { wrongId, wrongQuery, wrongRoute } from './path-faults.js';
import { oneOf, type Keys, type WrongRequest } from './wrong-request.js';

type Family = (contract: Contract, random: Random, route: Route, keys: Keys) => WrongRequest | undefined;

const onRoute =
  (family: (random: Random, route: Route, keys: Keys) => WrongRequest | undefined): Family =>
  (_, random, route, keys) =>
    family(random, route, keys);

/** With their shares. */
const families: readonly (readonly [number, Family])[] = [
  [10, wrongField],
  [3, onRoute(wrongBody)],
  [2, onRoute(wrongKey)],
  [1, onRoute(wrongHeader)],
  [2, onRoute(wrongId)],
  [2, onRoute(wrongQuery)],
  [2, wrongRoute],
  [1, onRoute(brokenHttp)],
];
const lots = families.flatMap(([share, family]) => Array<Family>(share).fill(family));

/** A wrong request, the same for the same seed, number and contract. */
export function wrongRequest(
  seed: number,
  number: number,
  contract: Contract,
  keys: Keys,
): WrongRequest & { route: Route } {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ number);
  for (;;) {
    const route = oneOf(random, contract.routes);
    const made = oneOf(random, lots)(contract, random, route, keys);
    if (made) return { ...made, route };
  }
}
