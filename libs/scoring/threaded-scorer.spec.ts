import { afterAll, beforeAll, expect, test } from 'vitest';
import { BLEND_FILE, MODEL_FILE, NEIGHBOURS_FILE } from '#registry';
import { trainRingModel } from '../../test/support/tiny-model.js';
import { openScorer, type ScorerFiles } from './open-scorer.js';
import type { Scorer, ScoringQuestion } from './scorer.js';
import { ThreadedScorer } from './threaded-scorer.js';

const options = { intraOpNumThreads: 1 };
const itemCount = 12;

/** New ones each time: a thread keeps what it is opened with. */
let filesAnew: () => ScorerFiles;
let here: Scorer;
let there: ThreadedScorer;

beforeAll(async () => {
  const ring = await trainRingModel(itemCount);
  const file = (name: string): Uint8Array => Uint8Array.from(ring.files.get(name) ?? []);
  filesAnew = () => ({
    network: file(MODEL_FILE),
    neighbours: file(NEIGHBOURS_FILE),
    blend: file(BLEND_FILE),
    maximumLength: 8,
    itemCount,
  });
  here = await openScorer(filesAnew(), options);
  there = await ThreadedScorer.open(filesAnew(), options);
});
afterAll(async () => {
  await here.release();
  await there.release();
});

const barred = BigInt64Array.of(5n, 6n, 7n);
const question = (items: readonly number[], changes: Partial<ScoringQuestion> = {}): ScoringQuestion => ({
  items,
  excluded: [],
  alwaysExcluded: new BigInt64Array(),
  count: 5,
  ...changes,
});
const batches = [
  [question([1])],
  [question([3, 4, 5], { count: 12 }), question([9, 2, 9], { excluded: [4], alwaysExcluded: barred })],
  [question([12, 1], { alwaysExcluded: barred, count: 1 })],
];

test('a thread gives the answers that are given here, to several who ask at once', async () => {
  const answers = await Promise.all(batches.map((batch) => there.score(batch)));
  expect(answers).toEqual(await Promise.all(batches.map((batch) => here.score(batch))));
  expect(answers.flat().map(({ ids }) => ids.length)).toEqual([5, 12, 5, 1]);
});

test('what fails there is told here, and the next question gets its answer', async () => {
  await expect(there.score([question([itemCount + 1])])).rejects.toThrow(/out of data bounds/);
  expect(await there.score(batches[0] ?? [])).toEqual(await here.score(batches[0] ?? []));
});

test.each<[string, (good: ScorerFiles) => ScorerFiles, RegExp]>([
  ['a network', (good) => ({ ...good, network: Uint8Array.of(1) }), /does not load model\.onnx/],
  ['neighbours', (good) => ({ ...good, neighbours: Uint8Array.of() }), /neighbour index cannot be used/],
  ['a blend', (good) => ({ ...good, blend: Buffer.from('{') }), /weights of the blend cannot be used/],
  ['a vocabulary', (good) => ({ ...good, itemCount: 11 }), /is about 12 items, its vocabulary about 11/],
])('%s that cannot be used is told when it is opened', async (_, damage, message) => {
  await expect(ThreadedScorer.open(damage(filesAnew()), options)).rejects.toThrow(message);
});

test('once released it answers no more, and can be released again', async () => {
  const scorer = await ThreadedScorer.open(filesAnew(), options);
  const [last] = await Promise.all([scorer.score([question([1])]), scorer.release()]);
  expect(last[0]?.ids).toHaveLength(5);
  await expect(scorer.score([question([1])])).rejects.toThrow('the thread of the model has ended');
  await scorer.release();
});
