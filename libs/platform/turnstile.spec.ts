import { expect, test } from 'vitest';
import { TooLate } from './micro-batcher.js';
import { Turnstile } from './turnstile.js';

/** Work that ends when it is told to. */
function task() {
  let [begun, end] = [false, (): void => undefined];
  const done = new Promise<string>((resolve) => {
    end = () => {
      resolve('done');
    };
  });
  return {
    work: () => {
      begun = true;
      return done;
    },
    begun: () => begun,
    end: () => {
      end();
    },
  };
}

test('so many at a time, then in order; failed work makes room too', async () => {
  const turnstile = new Turnstile(2);
  const [first, second, third] = [task(), task(), task()];
  const failing = turnstile.pass(() => Promise.reject(new Error('broken')));
  const passed = [first, second, third].map(({ work }) => turnstile.pass(work));
  await expect(failing).rejects.toThrow('broken');
  await expect.poll(() => second.begun()).toBe(true);
  expect([first.begun(), third.begun()]).toEqual([true, false]);
  first.end();
  await expect.poll(() => third.begun()).toBe(true);
  second.end();
  third.end();
  expect(await Promise.all(passed)).toEqual(['done', 'done', 'done']);
});

test('work whose deadline is over when its turn comes is not begun', async () => {
  const turnstile = new Turnstile(1);
  const [first, late, next] = [task(), task(), task()];
  const passed = turnstile.pass(first.work);
  const tooLate = expect(turnstile.pass(late.work, performance.now())).rejects.toThrow(TooLate);
  const after = turnstile.pass(next.work);
  first.end();
  await tooLate;
  next.end();
  expect(await Promise.all([passed, after])).toEqual(['done', 'done']);
  expect(late.begun()).toBe(false);
});
