import { describe, expect, it } from 'vitest';
import { completeNeighbourSettings, defaultNeighbourSettings, type NeighbourSettings } from './settings.js';

describe('completeNeighbourSettings', () => {
  it('keeps the defaults of what is not changed', () => {
    expect(completeNeighbourSettings({ rarity: 0, neighbours: 7 })).toEqual({
      ...defaultNeighbourSettings,
      rarity: 0,
      neighbours: 7,
    });
  });

  it.each<[keyof NeighbourSettings, number]>([
    ['candidates', 0],
    ['neighbours', 1.5],
    ['positionDecay', 0],
    ['recencyDays', -1],
    ['distanceDecay', Infinity],
    ['similarityPower', NaN],
    ['backward', 1.01],
    ['rarity', -0.1],
    ['sharedItemWeight', -1],
    ['lengthPower', -1],
  ])('refuses %s of %d', (field, value) => {
    const complete = (): NeighbourSettings => completeNeighbourSettings({ [field]: value });
    expect(complete).toThrow(new RegExp(`^neighbours: ${field} must be .*, not ${value}$`));
    expect(complete).toThrow(
      expect.objectContaining({ code: 'neighbour_settings_invalid', facts: { field } }) as Error,
    );
  });
});
