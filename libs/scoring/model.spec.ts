import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, Graph, serialise } from '#graph';
import { exportServingModel } from '#lstm';
import { BLEND_FILE, encodeVocabulary, MODEL_FILE, NEIGHBOURS_FILE, VOCABULARY_FILE } from '#registry';
import { noFactors, trainRing, trainRingModel, type RingModel } from '../../test/support/tiny-model.js';
import { ScoringModel } from './model.js';

let ring: RingModel;
let model: ScoringModel;
const otherNetworks = new Map<number, Uint8Array>();

const networkOf = (items: number): Uint8Array => otherNetworks.get(items) ?? new Uint8Array();
const open = (files: ReadonlyMap<string, Uint8Array>): Promise<ScoringModel> =>
  ScoringModel.open(files, 8, { intraOpNumThreads: 1 });

beforeAll(async () => {
  ring = await trainRingModel();
  model = await open(ring.files);
  for (const items of [11, 14]) {
    const { network } = await trainRing(items);
    otherNetworks.set(items, exportServingModel(network, noFactors(items)));
  }
});
afterAll(() => model.release());

const question = (items: readonly number[], count: number) => ({
  items,
  excluded: [],
  alwaysExcluded: new BigInt64Array(),
  count,
});

test('items have the places that the vocabulary gives them', () => {
  expect(ring.itemIds.map((itemId) => model.indexOf(itemId))).toEqual(ring.itemIds.map((_, i) => i + 1));
  expect(ring.itemIds.map((_, i) => model.itemAt(i + 1))).toEqual(ring.itemIds);
  expect(model.indexOf('no such item')).toBeUndefined();
  expect(model.itemAt(0)).toBeUndefined();
  expect(model.itemAt(13)).toBeUndefined();
});

test('it answers with what the ring has next; more than the catalogue gives the catalogue', async () => {
  const [few, all] = await model.score([question([3, 4, 5], 2), question([3, 4, 5], 100)]);
  expect(few?.ids[0]).toBe(6);
  expect(few?.ids).toEqual(all?.ids.slice(0, 2));
  expect(all?.ids.toSorted((a, b) => a - b)).toEqual(ring.itemIds.map((_, i) => i + 1));
  expect(all?.scores).toHaveLength(12);
  expect(all?.sources).toHaveLength(12);
});

test.each([MODEL_FILE, NEIGHBOURS_FILE, BLEND_FILE, VOCABULARY_FILE])('without %s it says so', async (name) => {
  await expect(open(new Map([...ring.files].filter(([file]) => file !== name)))).rejects.toThrow(`it has no ${name}`);
});

const vocabulary = (change: (itemIds: readonly string[]) => readonly string[]) => () =>
  encodeVocabulary(change(ring.itemIds));

test.each<[damage: string, name: string, (good: Uint8Array) => Uint8Array, RegExp]>([
  ['a network that is not ONNX', MODEL_FILE, () => Buffer.from('no'), /does not load model\.onnx/],
  ['half a network', MODEL_FILE, (good) => good.slice(0, good.length / 2), /does not load model\.onnx/],
  ['an empty vocabulary', VOCABULARY_FILE, () => Buffer.of(), /its vocabulary is empty/],
  [
    'an item too few',
    VOCABULARY_FILE,
    vocabulary((ids) => ids.slice(1)),
    /neighbours\.bin is about 12 items, its vocabulary about 11/,
  ],
  ['a network of more items', MODEL_FILE, () => networkOf(14), /network and the vocabulary do not belong together/],
  ['a network of fewer items', MODEL_FILE, () => networkOf(11), /model\.onnx does not answer about the 12 items/],
  [
    'another ONNX file',
    MODEL_FILE,
    () => {
      const graph = new Graph();
      const items = graph.input('items', 'int64', ['batch', 'length']);
      graph.output('ids', add(items, items));
      return serialise(graph);
    },
    /model\.onnx does not answer about the 12 items of its vocabulary/,
  ],
  ['no neighbours', NEIGHBOURS_FILE, () => Buffer.of(), /neighbour index cannot be used: it does not begin with/],
  [
    'half the neighbours',
    NEIGHBOURS_FILE,
    (good) => good.slice(0, good.length / 2),
    /neighbour index cannot be used: its checksum is wrong/,
  ],
  [
    'a byte of the neighbours changed',
    NEIGHBOURS_FILE,
    (good) => good.map((byte, i) => (i === good.length - 9 ? byte ^ 1 : byte)),
    /neighbour index cannot be used: its checksum is wrong/,
  ],
  ['a blend that is not JSON', BLEND_FILE, () => Buffer.from('{'), /weights of the blend cannot be used/],
  ['a blend without weights', BLEND_FILE, () => Buffer.from('{}'), /networkShare must be above 0/],
])('with %s it says so', async (_, name, damage, message) => {
  const good = ring.files.get(name);
  expect(good).toBeDefined();
  await expect(open(new Map([...ring.files, [name, damage(good ?? Buffer.of())]]))).rejects.toThrow(message);
});
