import { expect, test } from 'vitest';
import { decodeVocabulary, encodeVocabulary, factsOf, verifyFiles, type Manifest } from './artefact.js';

const model = Buffer.from('a model');

function manifestOf(files: Record<string, Uint8Array>): Manifest {
  return {
    formatVersion: 1,
    version: 'v1',
    createdAt: '2026-01-01T00:00:00.000Z',
    store: 'default',
    trainingWindow: { from: '2025-01-01T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' },
    counts: { sessions: 1, items: 1, clicks: 2 },
    maximumLength: 20,
    recipe: {},
    seed: 1,
    metrics: {},
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, factsOf(bytes)])),
  };
}

test('files as their manifest says pass', async () => {
  const files = new Map([['model.onnx', model]]);
  await expect(verifyFiles(manifestOf({ 'model.onnx': model }), files)).resolves.toBeUndefined();
});

const flipped = Buffer.from(model);
flipped[3] = (flipped[3] ?? 0) ^ 1;

test.each<[string, Map<string, Uint8Array>, RegExp]>([
  ['a flipped bit', new Map([['model.onnx', flipped]]), /model\.onnx does not have the SHA-256/],
  ['a lost end', new Map([['model.onnx', model.subarray(0, 3)]]), /model\.onnx has 3 bytes where its manifest says 7/],
  ['a lost file', new Map(), /model\.onnx is missing/],
  [
    'a file too many',
    new Map([
      ['model.onnx', model],
      ['extra', model],
    ]),
    /extra is not in its manifest/,
  ],
])('%s is found', async (_, files, message) => {
  await expect(verifyFiles(manifestOf({ 'model.onnx': model }), files)).rejects.toThrow(message);
});

test('a vocabulary comes back as it was, with any characters that an id may have', () => {
  const ids = ['1', 'ärmel-xl', 'a b', '商品', '\u2028', ' '];
  expect(decodeVocabulary(encodeVocabulary(ids))).toEqual(ids);
  expect(decodeVocabulary(encodeVocabulary([]))).toEqual([]);
});

test.each(['', 'a\nb'])('an id that would break a line is refused: %j', (id) => {
  expect(() => encodeVocabulary(['1', id])).toThrow(/Item 2 of the vocabulary/);
});
