import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServingModel } from '#recommender';
import type { ScoringQuestion } from '#scoring';
import { encodeVocabulary, MODEL_FILE, VOCABULARY_FILE, type Artefact } from '#registry';
import { trainRingModel, type RingModel } from '../../support/tiny-model.js';

let ring: RingModel;
let model: ServingModel;

beforeAll(async () => {
  ring = await trainRingModel();
  model = await ServingModel.load(artefactOf(ring));
});
afterAll(() => model.retire());

function artefactOf({ draft, files }: RingModel, changes: Record<string, Uint8Array> = {}): Artefact {
  return {
    manifest: { ...draft, formatVersion: 1, version: 'v1', createdAt: '', store: 'default', files: {} },
    // Copies: a model that is loaded keeps its files.
    files: new Map([...files, ...Object.entries(changes)].map(([name, bytes]) => [name, Uint8Array.from(bytes)])),
  };
}

const question = (items: readonly number[], changes: Partial<ScoringQuestion> = {}): ScoringQuestion => ({
  items,
  excluded: [],
  alwaysExcluded: new BigInt64Array(),
  count: 5,
  ...changes,
});

test('the network that learnt the ring gives the next item first', async () => {
  const session = ['ring-3', 'ring-4', 'ring-5'];
  const { ids, scores } = await model.rank(question(model.encode(session)));
  expect(model.itemAt(ids[0] ?? 0)).toBe('ring-6');
  expect(ids).toHaveLength(5);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(scores[0]).toBeGreaterThan(0.3);
  expect(scores[0]).toBeLessThanOrEqual(1);
});

test('unknown items are skipped', () => {
  expect(model.encode(['x', 'ring-0', 'y', 'ring-1', ''])).toEqual([1, 2]);
  expect(model.encode(['x', 'y'])).toEqual([]);
});

test('excluded items give their places to others', async () => {
  const all = await model.rank(question([4, 5, 6], { count: 6 }));
  const [first, second] = all.ids;
  const without = await model.rank(
    question([4, 5, 6], { count: 4, excluded: [first ?? 0], alwaysExcluded: BigInt64Array.of(BigInt(second ?? 0)) }),
  );
  expect(without.ids).toEqual(all.ids.slice(2, 6));
});

test('more than the catalogue gives the catalogue', async () => {
  const { ids } = await model.rank(question([1], { count: 100 }));
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
});

test('questions asked together get the answers that they get alone', async () => {
  const questions = [
    question([1]),
    question([5, 6, 7, 8, 9, 10, 11, 12], { count: 12 }),
    question([2, 2, 3], { excluded: [4], count: 1 }),
    question([9, 1], { excluded: [1, 2, 3, 4], alwaysExcluded: BigInt64Array.of(5n, 6n, 7n), count: 5 }),
    ...Array.from({ length: 20 }, (_, i) => question([(i % 12) + 1])),
  ];
  const together = await Promise.all(questions.map((each) => model.rank(each)));
  for (const [i, each] of questions.entries()) {
    const alone = await model.rank(each);
    expect(together[i]?.ids).toEqual(alone.ids);
    for (const [j, score] of alone.scores.entries()) expect(together[i]?.scores[j]).toBeCloseTo(score, 5);
  }
});

test.each<[string, (ring: RingModel) => Artefact, RegExp]>([
  [
    'a network that is not ONNX',
    (good) => artefactOf(good, { [MODEL_FILE]: Buffer.from('no') }),
    /does not load model\.onnx/,
  ],
  [
    'a vocabulary of another network',
    (good) => artefactOf(good, { [VOCABULARY_FILE]: encodeVocabulary(good.itemIds.slice(0, 11)) }),
    /its vocabulary about 11/,
  ],
  ['an empty vocabulary', (good) => artefactOf(good, { [VOCABULARY_FILE]: Buffer.of() }), /vocabulary is empty/],
  [
    'a missing file',
    (good) => ({
      ...artefactOf(good),
      files: new Map([...artefactOf(good).files].filter(([name]) => name !== VOCABULARY_FILE)),
    }),
    /has no vocabulary\.txt/,
  ],
])('%s is refused', async (_, broken, message) => {
  const loading = ServingModel.load(broken(ring));
  await expect(loading).rejects.toMatchObject({ code: 'model_unusable' });
  await expect(loading).rejects.toThrow(message);
});
