import { expect, test } from 'vitest';
import { rateLimit } from './rate-limit.js';
import { TokenBuckets } from './token-buckets.js';

function bucketsAt(capacity = 100) {
  const clock = { now: 0 };
  return { clock, buckets: new TokenBuckets(capacity, () => clock.now) };
}

const limit = rateLimit(2, 3);
const claim = (name: string) => ({ name, limit });

test('a burst goes through at once, then as many as the rate allows', () => {
  const { clock, buckets } = bucketsAt();
  const take = () => buckets.take([claim('a')])[0];
  expect([take(), take(), take()].map((each) => each?.remaining)).toEqual([2, 1, 0]);
  expect(take()).toEqual({ exhausted: true, remaining: 0, secondsToNext: 1 });
  clock.now = 499;
  expect(take()?.exhausted).toBe(true);
  clock.now = 500;
  expect(take()).toMatchObject({ exhausted: false, remaining: 0 });
  expect(take()?.exhausted).toBe(true);
  clock.now = 60_000;
  expect([take(), take(), take(), take()].map((each) => each?.exhausted)).toEqual([false, false, false, true]);
});

test('over a long time exactly the rate goes through, however often it is asked', () => {
  const { clock, buckets } = bucketsAt();
  const slow = { name: 'slow', limit: rateLimit(0.3, 1) };
  let passed = 0;
  for (clock.now = 0; clock.now < 1_000_000; clock.now += 7) {
    if (buckets.take([slow])[0]?.exhausted === false) passed += 1;
  }
  // One for the burst; each of the others waits for the next question, 7 ms at most.
  expect(passed).toBeGreaterThanOrEqual(299);
  expect(passed).toBeLessThanOrEqual(301);
});

test('whoever waits as long as it is told to gets through', () => {
  const { clock, buckets } = bucketsAt();
  for (const perSecond of [0.1, 0.3, 1, 3, 7, 1_000]) {
    const wish = [{ name: String(perSecond), limit: rateLimit(perSecond, 1) }];
    for (let round = 0; round < 20; round += 1) {
      expect(buckets.take(wish)[0]?.exhausted).toBe(false);
      const seconds = buckets.take(wish)[0]?.secondsToNext ?? 0;
      expect(seconds).toBe(Math.ceil(1 / perSecond));
      clock.now += seconds * 1000;
    }
  }
});

test('a request that one bucket refuses costs nothing in the others', () => {
  const { buckets } = bucketsAt();
  for (let i = 0; i < 3; i += 1) buckets.take([claim('small')]);
  const large = { name: 'large', limit: rateLimit(1, 10) };
  for (let i = 0; i < 5; i += 1) {
    expect(buckets.take([claim('small'), large])).toMatchObject([
      { exhausted: true, remaining: 0 },
      { exhausted: false, remaining: 10 },
    ]);
  }
  expect(buckets.take([large])[0]?.remaining).toBe(9);
});

test('no more buckets than the capacity are held: the one asked for least recently gives way', () => {
  const { buckets } = bucketsAt(2);
  const remaining = (name: string) => buckets.take([claim(name)])[0]?.remaining;
  expect([remaining('a'), remaining('b'), remaining('a')]).toEqual([2, 2, 1]);
  expect(remaining('c')).toBe(2);
  expect(remaining('a')).toBe(0);
  expect(remaining('b')).toBe(2);
});

test.each([
  [0, 1],
  [-1, 1],
  [Number.NaN, 1],
  [Infinity, 1],
  [1_000_001, 1],
  [1, 0],
  [1, 1.5],
  [1, 10_000_001],
])('%d a second with a burst of %d is no limit', (perSecond, burst) => {
  expect(() => rateLimit(perSecond, burst)).toThrow(expect.objectContaining({ code: 'rate_invalid' }) as Error);
});

test('without a burst, two seconds of it come at once, and one request at least', () => {
  expect([rateLimit(50), rateLimit(0.1)]).toEqual([
    { perSecond: 50, burst: 100 },
    { perSecond: 0.1, burst: 1 },
  ]);
});
