import { expect, test } from 'vitest';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { bestOfWeek } from './best-of-week.js';

const DAY_MS = 86_400_000;
/** Ten sessions a day, of which the model that knows item 2 alone finds the given share; the newest day last. */
const days = (shares: readonly number[]) =>
  encodeSessions(
    shares.flatMap((share) => Array.from({ length: 10 }, (_, session) => [1, session < 10 * share ? 2 : 3])),
    shares.flatMap((_, day) => Array.from({ length: 10 }, (__, session) => (day + session / 20) * DAY_MS)),
  );
const ranker = { rank: (prefixes: readonly unknown[]) => Promise.resolve(prefixes.map(() => [2])) };

test('the best of the newest seven days counts, however good those before were', async () => {
  const sessions = days([1, 1, 0.1, 0, 0, 0.3, 0, 0.1, 0]);
  expect(await bestOfWeek(ranker, sessions, 0)).toBeCloseTo(30);
});

test('days without a session do not count', async () => {
  const sessions = encodeSessions(
    [
      [1, 2],
      [1, 3],
    ],
    [0, 9 * DAY_MS],
  );
  expect(await bestOfWeek(ranker, sessions, 0)).toBe(0);
});

test('a model that learnt from one of the days says nothing of them', async () => {
  const sessions = days(Array.from({ length: 9 }, () => 0));
  const newest = sessions.endedAt.at(-1) ?? 0;
  expect(await bestOfWeek(ranker, sessions, newest - 7 * DAY_MS)).toBe(0);
  expect(await bestOfWeek(ranker, sessions, newest - 7 * DAY_MS + 1)).toBeUndefined();
});
