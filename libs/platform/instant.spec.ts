import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { parseInstant } from './instant.js';

/** The slow way: the calendar and the clock of JavaScript. */
function reference(text: string): number {
  const form = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;
  const [, year, month, day] = (form.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return Number.NaN;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate() ? Date.parse(text) : Number.NaN;
}

describe('parseInstant', () => {
  it('reads what toISOString writes', () => {
    const random = new Random(1);
    for (let i = 0; i < 5000; i++) {
      const time = Math.floor((random.uniform() - 0.2) * 5e12);
      const text = new Date(time).toISOString();
      expect(parseInstant(text), text).toBe(time);
      expect(parseInstant(text.replace(/\.\d{3}Z$/, 'Z')), text).toBe(Math.floor(time / 1000) * 1000);
    }
  });

  it('agrees with Date.parse on random times, right and wrong', () => {
    const random = new Random(2);
    const characters = [...Array(10).keys()].map(String).concat('-', ':', '.', 'T', 'Z', '+', ' ', '/', '٣');
    let good = 0;
    for (let i = 0; i < 50_000; i++) {
      const part = (below: number, width = 2): string => String(random.integer(below)).padStart(width, '0');
      const zone = random.integer(3) === 0 ? `+${part(25)}:${part(61)}` : 'Z';
      const date = `${random.integer(9) === 0 ? part(2000, 4) : 1950 + random.integer(150)}-${part(14)}-${part(33)}`;
      let text = `${date}T${part(26)}:${part(62)}:${part(62)}${['', `.${part(1000, 3)}`][random.integer(2)]}${zone}`;
      if (random.integer(4) === 0) {
        const at = random.integer(text.length);
        text = `${text.slice(0, at)}${characters[random.integer(characters.length)] ?? ''}${text.slice(at + random.integer(3))}`;
      }
      const expected = reference(text);
      expect(parseInstant(text), text).toBe(expected);
      if (!Number.isNaN(expected)) good += 1;
    }
    expect(good).toBeGreaterThan(10_000);
  });

  it.each([
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['2026-12-31T24:00:00Z', Date.UTC(2027, 0, 1)],
    ['2026-01-31T12:30Z', Date.UTC(2026, 0, 31, 12, 30)],
    ['2026-01-31T12:30:00.123456789Z', Date.UTC(2026, 0, 31, 12, 30, 0, 123)],
    ['2026-01-31T12:30:00+0130', Date.UTC(2026, 0, 31, 11)],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00.000Z',
    '2026-04-31T00:00:00.000Z',
    '2026-00-10T00:00:00.000Z',
    '2026-01-00T00:00:00.000Z',
    '2026-01-01T00:00:60.000Z',
    '2026-01-01T24:00:00.001Z',
    '2026-01-01T00:00:00.000z',
    '+02026-01-01T00:00:00.0Z',
    '',
  ])('refuses %s', (text) => {
    expect(parseInstant(text)).toBeNaN();
  });
});
