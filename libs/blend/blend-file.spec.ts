import { expect, test } from 'vitest';
import { decodeBlend, encodeBlend } from './blend-file.js';
import { neutralBlend, type BlendWeights } from './weights.js';

const weights: BlendWeights = {
  networkShare: 0.6180339887498949,
  items: [-1.25, 0, 1e-17],
  repeats: [0.1, -0.2, 0.30000000000000004, -4, 5],
};

test.each([['learned', weights] as const, ['neutral', neutralBlend] as const])(
  '%s weights come back exactly',
  (_, written) => {
    expect(decodeBlend(encodeBlend(written))).toEqual(written);
  },
);

test.each<[damage: string, file: string, said: RegExp]>([
  ['nothing', '', /they are not JSON/],
  ['the beginning only', JSON.stringify(weights).slice(0, 40), /they are not JSON/],
  ['null', 'null', /networkShare must be above 0/],
  ['a list', '[0.6]', /networkShare must be above 0/],
  ...[undefined, '0.6', null, 0, -0.1, 1.1].map((networkShare): [string, string, RegExp] => [
    `a network share of ${JSON.stringify(networkShare)}`,
    JSON.stringify({ ...weights, networkShare }),
    /networkShare must be above 0 and at most 1/,
  ]),
  ...[undefined, 3, [], [1, 2], [1, 2, 3, 4], [1, 2, null], [1, 2, '3']].map((items): [string, string, RegExp] => [
    `item weights ${JSON.stringify(items)}`,
    JSON.stringify({ ...weights, items }),
    /items must be 3 numbers/,
  ]),
  ...[undefined, [1, 2, 3, 4], [1, 2, 3, 4, null]].map((repeats): [string, string, RegExp] => [
    `repeat weights ${JSON.stringify(repeats)}`,
    JSON.stringify({ ...weights, repeats }),
    /repeats must be 5 numbers/,
  ]),
])('%s is refused with what is wrong', (_, file, said) => {
  const read = (): BlendWeights => decodeBlend(Buffer.from(file));
  expect(read).toThrow(expect.objectContaining({ code: 'blend_unusable' }));
  expect(read).toThrow(said);
});
