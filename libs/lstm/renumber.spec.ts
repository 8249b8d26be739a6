import { expect, it } from 'vitest';
import { Random } from '#domain';
import { networkParameters } from './network.js';
import { initialise } from './parameters.js';
import { completeRecipe } from './recipe.js';
import { renumberItems } from './renumber.js';

const recipe = completeRecipe({ dimensions: 2, readout: 'none' });
const model = {
  recipe,
  itemCount: 3,
  itemEmbeddings: Float32Array.of(0, 0, 1, 10, 2, 20, 6, 60),
  itemBiases: Float32Array.of(0, 0.1, 0.2, 0.3),
  parameters: initialise(networkParameters(recipe), new Random(1)),
};
const rowsOf = ({ itemEmbeddings }: typeof model): number[][] =>
  Array.from({ length: itemEmbeddings.length / 2 }, (_, item) => [...itemEmbeddings.slice(2 * item, 2 * item + 2)]);

it('known items keep what they have, and new ones begin as the mean of all', () => {
  const renumbered = renumberItems(model, Int32Array.of(0, 3, 0, 1));
  expect(renumbered.itemCount).toBe(3);
  expect(rowsOf(renumbered as typeof model)).toEqual([
    [0, 0],
    [6, 60],
    [3.5, 35],
    [1, 10],
  ]);
  expect([...renumbered.itemBiases]).toEqual([0, 0.3, 0, 0.1].map(Math.fround));
  expect(renumbered.parameters).toBe(model.parameters);
});

it('a new item begins as its groups do, each group counting the same', () => {
  const rows = Int32Array.of(0, 1, 2, 3, 0, 0, 0);
  const groups = [undefined, [7], [7], [8], [7], [7, 8], [9]];
  const renumbered = renumberItems(model, rows, groups);
  const [, , , , one, both, none] = rowsOf(renumbered as typeof model);
  expect(one).toEqual([1.5, 15]);
  expect(both).toEqual([3.75, 37.5]);
  expect(none).toEqual([3, 30]);
});

it('a network of which no item is left gives zeros', () => {
  expect([...renumberItems(model, Int32Array.of(0, 0)).itemEmbeddings]).toEqual([0, 0, 0, 0]);
});
