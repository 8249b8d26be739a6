import { InvalidInputError } from '#domain';

/** How neighbour sessions are found, and what they say of the next item. */
export interface NeighbourSettings {
  /** So many of the newest sessions that share an item with the visitor's are looked at. */
  readonly candidates: number;
  /** So many of the most similar of those are the neighbours. */
  readonly neighbours: number;
  /** In the similarity an item of the visitor's session counts e^(-steps before the newest / this). */
  readonly positionDecay: number;
  /** In the similarity a neighbour counts e^(-days that it is older than the newest candidate / this). */
  readonly recencyDays: number;
  /** What a neighbour says for its item at d steps from the last shared one counts e^(-(d - 1) / this). */
  readonly distanceDecay: number;
  /** Items before the last shared one count this much of those after it, from 0 to 1. */
  readonly backward: number;
  /** In the similarity an item also counts (ln(1 + sessions / sessions with it))^this; at 0 all count the same. */
  readonly rarity: number;
  /** What a neighbour says for the last shared item itself; the item right after it counts 1. */
  readonly sharedItemWeight: number;
  /** The similarity is divided by (items of the neighbour)^this; 0.5 is the cosine's. */
  readonly lengthPower: number;
  /** A neighbour's say is its similarity to this power: above 1 the most similar say more. */
  readonly similarityPower: number;
}

/** Chosen on the newest days of three public training files; a compromise that `tuneNeighbours` betters per shop. */
export const defaultNeighbourSettings: NeighbourSettings = {
  candidates: 5000,
  neighbours: 500,
  positionDecay: 1.2,
  recencyDays: 60,
  distanceDecay: 3.5,
  backward: 0.65,
  rarity: 4,
  sharedItemWeight: 1,
  lengthPower: 0.25,
  similarityPower: 1.15,
};

/**
 * The default settings with some fields changed.
 * @throws InvalidInputError `neighbour_settings_invalid` that names the first field out of its range
 */
export function completeNeighbourSettings(changes: Partial<NeighbourSettings> = {}): NeighbourSettings {
  const settings = { ...defaultNeighbourSettings, ...changes };
  const demand = (
    fields: readonly (keyof NeighbourSettings)[],
    right: string,
    fits: (value: number) => boolean,
  ): void => {
    for (const field of fields)
      if (!Number.isFinite(settings[field]) || !fits(settings[field])) refuse(field, right, settings[field]);
  };
  demand(['candidates', 'neighbours'], 'a whole number from 1', (value) => Number.isInteger(value) && value >= 1);
  demand(
    ['positionDecay', 'recencyDays', 'distanceDecay', 'similarityPower'],
    'a number above 0',
    (value) => value > 0,
  );
  demand(['backward'], 'from 0 to 1', (value) => value >= 0 && value <= 1);
  demand(['rarity', 'sharedItemWeight', 'lengthPower'], 'a number from 0', (value) => value >= 0);
  return settings;
}

function refuse(field: keyof NeighbourSettings, right: string, given: number): never {
  throw new InvalidInputError(
    'neighbour_settings_invalid',
    `neighbours: ${field} must be ${right}, not ${String(given)}`,
    { field },
  );
}
