import { expect, test } from 'vitest';
import { formatTable } from './table.js';

test('columns stand under their titles', () => {
  expect(
    formatTable(
      ['id', 'label'],
      [
        ['long id', 'a'],
        ['x', ''],
      ],
    ),
  ).toBe('id       label\nlong id  a\nx');
  expect(formatTable(['id', 'label'], [])).toBe('id  label');
});
