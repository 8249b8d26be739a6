import { expect, test } from 'vitest';
import { MicroBatcher, TooLate } from './micro-batcher.js';

function doubler(maximum: number) {
  const batches: number[][] = [];
  const batcher = new MicroBatcher<number, number>((numbers) => {
    batches.push([...numbers]);
    if (numbers.includes(13)) return Promise.reject(new Error('unlucky'));
    return Promise.resolve(numbers.map((n) => 2 * n));
  }, maximum);
  return { batcher, batches };
}

test('questions of one turn share a run, each with its own answer', async () => {
  const { batcher, batches } = doubler(8);
  expect(await Promise.all([1, 2, 3].map((n) => batcher.ask(n)))).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('a batch is never larger than its maximum, and none is lost', async () => {
  const { batcher, batches } = doubler(2);
  expect(await Promise.all([1, 2, 3, 4, 5].map((n) => batcher.ask(n)))).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test('a failed run fails its own questions and no others', async () => {
  const { batcher } = doubler(2);
  const outcomes = await Promise.allSettled([1, 13, 3].map((n) => batcher.ask(n)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  expect(await batcher.ask(4)).toBe(8);
});

test('idle waits for what is being asked', async () => {
  const { batcher } = doubler(2);
  let answered = 0;
  const asked = [1, 2, 3].map((n) => batcher.ask(n).then(() => answered++));
  await batcher.idle();
  await Promise.all(asked);
  expect(answered).toBe(3);
});

test('a question whose deadline is over while it waits is not run', async () => {
  const { batcher, batches } = doubler(1);
  const [first, late, last] = [
    batcher.ask(1, performance.now() + 60_000),
    batcher.ask(2, performance.now()),
    batcher.ask(3),
  ];
  await expect(late).rejects.toThrow(TooLate);
  expect(await Promise.all([first, last])).toEqual([2, 6]);
  expect(batches).toEqual([[1], [3]]);
});
