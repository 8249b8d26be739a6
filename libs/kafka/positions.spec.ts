import { describe, expect, it } from 'vitest';
import { Positions } from './positions.js';

describe('Positions', () => {
  it('takes the fetched offset when nothing is known', () => {
    const positions = new Positions();
    positions.passOver(0, 5, 9);
    expect(positions.begin(0, 10)).toBe(10);
    expect(positions.expected(0)).toBeUndefined();
  });

  it('counts markers behind the records that are done to the next batch', () => {
    const positions = new Positions();
    positions.done(0, 7, 8);
    expect(positions.begin(0, 8)).toBe(7);
  });

  it('counts a whole fetch of what is not for readers to the next batch', () => {
    const positions = new Positions();
    positions.seek(0, 100);
    positions.passOver(0, 100, 120);
    positions.passOver(0, 121, 121);
    positions.passOver(1, 0, 3);
    expect(positions.begin(0, 122)).toBe(100);
    expect(positions.expected(0)).toBe(100);
  });

  it('shows a hole', () => {
    const positions = new Positions();
    positions.seek(0, 100);
    positions.passOver(0, 150, 160);
    expect(positions.begin(0, 161)).toBe(161);
    expect(positions.expected(0)).toBe(100);
  });

  it('forgets at an assignment', () => {
    const positions = new Positions();
    positions.done(0, 7, 8);
    positions.clear();
    expect(positions.begin(0, 8)).toBe(8);
  });
});
