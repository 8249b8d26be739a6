import { expect, test } from 'vitest';
import { inSlices } from './in-slices.js';

test('every index comes once, in order, and one loop after the other', async () => {
  const seen: string[] = [];
  await Promise.all([inSlices(3, (i) => seen.push(`a${i}`)), inSlices(2, (i) => seen.push(`b${i}`))]);
  expect(seen).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
});

test('long work lets others have their turn', async () => {
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns += 1;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await inSlices(64, () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
  });
  done = true;
  expect(turns).toBeGreaterThan(1);
});

test('a failure goes to who asked, and the next loop runs', async () => {
  const failing = inSlices(1, () => {
    throw new Error('broken');
  });
  let ran = 0;
  const next = inSlices(5, () => ran++);
  await expect(failing).rejects.toThrow('broken');
  await next;
  expect(ran).toBe(5);
});
