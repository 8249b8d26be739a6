import { expect, test } from 'vitest';
import { Refreshing } from './refreshing.js';

function counter(limits: { readonly oldestMs?: number } = {}) {
  const state = { now: 0, loads: 0, fail: false, failures: [] as unknown[] };
  const values = new Refreshing<number>(
    () => {
      state.loads++;
      return state.fail ? Promise.reject(new Error('down')) : Promise.resolve(state.loads);
    },
    1_000,
    (_, error) => state.failures.push(error),
    { now: () => state.now, ...limits },
  );
  return { state, values };
}

/** Lets every settled promise run its reactions. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('concurrent first questions share one load; each store has its own value', async () => {
  const { state, values } = counter();
  expect(await Promise.all([values.get('a'), values.get('a')])).toEqual([1, 1]);
  expect(await values.get('b')).toBe(2);
  expect(state.loads).toBe(2);
});

test('past its lifetime the old value is given while one new one is loaded', async () => {
  const { state, values } = counter();
  await values.get('a');
  state.now = 1_000;
  expect([await values.get('a'), await values.get('a')]).toEqual([1, expect.any(Number)]);
  await settle();
  expect(await values.get('a')).toBe(2);
  expect(state.loads).toBe(2);
});

test('a failed refresh is told and keeps the old value until the next try', async () => {
  const { state, values } = counter();
  await values.get('a');
  Object.assign(state, { now: 1_000, fail: true });
  await values.get('a');
  await settle();
  expect(state.failures).toHaveLength(1);
  expect(await values.get('a')).toBe(1);
  Object.assign(state, { now: 2_000, fail: false });
  await values.get('a');
  await settle();
  expect(await values.get('a')).toBe(3);
});

test('a failed first load rejects and is tried again', async () => {
  const { state, values } = counter();
  state.fail = true;
  await expect(values.get('a')).rejects.toThrow('down');
  state.fail = false;
  expect(await values.get('a')).toBe(2);
});

test('after forget the next question waits for a new value, even while an old load is under way', async () => {
  const { values } = counter();
  const old = values.get('a');
  values.forget('a');
  expect(await values.get('a')).toBe(2);
  expect(await old).toBe(1);
  expect(await values.get('a')).toBe(2);
});

test('a value older than the limit is not given while a new one can be loaded', async () => {
  const { state, values } = counter({ oldestMs: 1_500 });
  await values.get('a');
  state.now = 1_499;
  expect(await values.get('a')).toBe(1);
  await settle();
  state.now = 3_000;
  expect(await values.get('a')).toBe(3);
  Object.assign(state, { now: 9_000, fail: true });
  expect(await values.get('a')).toBe(3);
  expect(state.failures).toHaveLength(1);
});
