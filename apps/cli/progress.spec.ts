import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, describeProgress, formatSeconds } from './progress.js';

describe('progress', () => {
  it('says the rate and the time left', () => {
    expect(describeProgress({ done: 0.25, count: 50_000 }, 'events', 2_000)).toBe('50,000 events, 25,000/s, 6 s left');
    expect(describeProgress({ done: 1, count: 5, note: '2 rejected' }, 'items', 500)).toBe('5 items, 10/s, 2 rejected');
  });

  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [185, '3 min 5 s'],
    [7_800, '2 h 10 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('writes a line every five seconds where there is no terminal, and none for a machine', () => {
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    let time = 0;
    const shown = { title: 'Importing', unit: 'events', stream, now: () => time };
    const progress = createProgress(shown);
    const silent = createProgress({ ...shown, quiet: true });
    for (; time <= 10_000; time += 1_000) {
      progress.update({ done: time / 20_000, count: time });
      silent.update({ done: time / 20_000, count: time });
    }
    progress.stop();
    expect(String(stream.read())).toBe(
      'Importing: 25%, 5,000 events, 1,000/s, 15 s left\nImporting: 50%, 10,000 events, 1,000/s, 10 s left\n',
    );
  });
});
