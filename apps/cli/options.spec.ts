import { expect, test } from 'vitest';
import { duration } from './options.js';

test.each([
  ['90s', 90],
  ['1.5m', 90],
  ['2h', 7_200],
  ['7d', 604_800],
])('%s are %d seconds', (text, seconds) => {
  expect(duration('--expires')(text)).toBe(seconds);
});

test.each(['', '7', 'd', '0d', '-1d', '7w', '7 d', '1e3d', 'soon'])(
  '"%s" is no time, and the option is named',
  (text) => {
    expect(() => duration('--expires')(text)).toThrow(/--expires must be a number above 0 with s, m, h or d/);
  },
);
