import { expect, test } from 'vitest';
import { formatDay, parseDay } from './day.js';

test('days are counted from the epoch, and written as they were read', () => {
  expect(parseDay('1970-01-01')).toBe(0);
  expect(parseDay('2026-01-31')).toBe(Date.UTC(2026, 0, 31) / 86_400_000);
  for (const text of ['1970-01-01', '2024-02-29', '2026-12-31', '9999-12-31']) {
    expect(formatDay(parseDay(text))).toBe(text);
  }
});

test('what is no day, or before the epoch, is none', () => {
  const others = [
    '',
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '2026-01-31T00:00:00Z',
    '1969-12-31',
    '0000-01-01',
    'today',
  ];
  for (const text of [...others, '-026-01-01', '2026/01/31', ' 2026-01-3']) expect(parseDay(text)).toBeNaN();
});
