import { InvalidInputError } from '#domain';
import type { LstmModel } from './parameters.js';

/** @throws InvalidInputError `start_unfit` that names the weight */
export function refuseOtherShapes(start: LstmModel, wanted: LstmModel): void {
  const [given, right] = [shapesOf(start), shapesOf(wanted)];
  for (const name of new Set([...right.keys(), ...given.keys()])) {
    if (given.get(name) === right.get(name)) continue;
    throw new InvalidInputError(
      'start_unfit',
      `the network to start from does not fit: its ${name} is ${given.get(name) ?? 'missing'}, this recipe and these items ` +
        `need ${right.get(name) ?? 'none'}; start from one with the same items, dimensions, readout and maximumLength`,
      { weight: name },
    );
  }
}

/** The shape of every weight of a network, such as `[61, 16]`, by name. */
function shapesOf({ recipe, itemCount, parameters }: LstmModel): Map<string, string> {
  const all: [name: string, shape: readonly number[]][] = [
    ['table of items', [itemCount + 1, recipe.dimensions]],
    ...[...parameters].map(([name, { shape }]): [string, readonly number[]] => [name, shape]),
  ];
  return new Map(all.map(([name, shape]) => [name, `[${shape.join(', ')}]`]));
}
