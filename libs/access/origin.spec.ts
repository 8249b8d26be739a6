import { expect, test } from 'vitest';
import { parseOrigin } from './origin.js';

test.each([
  ['https://shop.example', 'https://shop.example'],
  ['https://shop.example/', 'https://shop.example'],
  ['HTTPS://Shop.Example:443', 'https://shop.example'],
  ['http://localhost:5173', 'http://localhost:5173'],
  ['http://shop.example:80', 'http://shop.example'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
])('%s is what a browser calls %s', (text, origin) => {
  expect(parseOrigin(text)).toBe(origin);
});

test.each([
  '',
  'null',
  '*',
  'shop.example',
  'https://',
  'https://*.shop.example',
  'https://shop.example/shoes',
  'https://shop.example?x=1',
  'https://shop.example#x',
  'https://me:secret@shop.example',
  'ftp://shop.example',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://a.example https://b.example',
])('%s is no origin', (text) => {
  expect(() => parseOrigin(text)).toThrow(/such as https:\/\/shop\.example/);
});
