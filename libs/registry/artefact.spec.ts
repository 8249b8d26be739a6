import { expect, test } from 'vitest';
import { factsOf } from '#platform';
import { verifyFiles, type Manifest } from './artefact.js';

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

test('files as their manifest says pass', () => {
  const files = new Map([['model.onnx', factsOf(model)]]);
  expect(() => {
    verifyFiles(manifestOf({ 'model.onnx': model }), files);
  }).not.toThrow();
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
])('%s is found', (_, files, message) => {
  const facts = new Map([...files].map(([name, bytes]) => [name, factsOf(bytes)]));
  expect(() => {
    verifyFiles(manifestOf({ 'model.onnx': model }), facts);
  }).toThrow(message);
});
