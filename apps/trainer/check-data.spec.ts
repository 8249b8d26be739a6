import { expect, test } from 'vitest';
import { ActivityByHour, type Activity } from './activity.js';
import { faultsOf, requireSensible, type DataContext } from './check-data.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNTIL = Date.UTC(2026, 0, 31);

interface Day {
  readonly sessions: number;
  /** Over so many hours at its end are its sessions spread. */
  readonly hours?: number;
  /** Its sessions are on items of its own. */
  readonly fresh?: boolean;
}

/** The oldest day first; items are the same few every day. */
function activity(days: readonly Day[]): Activity {
  const counted = new ActivityByHour();
  for (const [place, { sessions, hours = 24, fresh = false }] of days.entries()) {
    const start = UNTIL - (days.length - place - 1) * DAY_MS - hours * HOUR_MS;
    for (let session = 0; session < sessions; session++) {
      const endedAt = start + Math.floor(((session + 0.5) / sessions) * hours * HOUR_MS);
      const name = fresh ? `day-${place}-${session}` : `item-${session % 50}`;
      counted.add({ itemIds: [name, `${name}-b`], endedAt });
    }
  }
  return counted.activity();
}

const fine = { known: 0.9, available: 0.8 };
const context: DataContext = { store: 'shop', now: UNTIL, learnt: null, catalogue: { before: fine, now: fine } };
const usual = Array.from({ length: 14 }, (_, day) => ({ sessions: day % 7 < 5 ? 1_000 : 500 }));
const before = usual.slice(0, -1);

test.each<[string, readonly Day[], Partial<DataContext>, RegExp[]]>([
  ['weeks as usual', usual, {}, []],
  ['a first day', [{ sessions: 3 }], {}, []],
  ['a quiet shop', usual.map(({ sessions }) => ({ sessions: sessions / 20 })).concat({ sessions: 1 }), {}, []],
  ['a quiet Sunday', [...usual, ...usual.slice(0, 6), { sessions: 400 }], {}, []],
  [
    'a drop',
    [...before, { sessions: 100 }],
    {},
    [/^Visits dropped: the newest 24 hours have 100 sessions, the same weekday before had 500\./],
  ],
  ['a rush', [...before, { sessions: 6_000 }], {}, [/^Visits multiplied: .* have 6,000 sessions/]],
  [
    'all at once',
    [...before, { sessions: 500, hours: 1 }],
    {},
    [/100% of the newest 24 hours' sessions ended within one hour/],
  ],
  ['a clock that goes ahead', usual, { now: UNTIL - 2 * DAY_MS }, [/ended at 2026-01-30T.*still to come/]],
  [
    'garbage',
    [...before, { sessions: 500, fresh: true }],
    {},
    [/100% of the clicks are on items that nobody had clicked before, usual are 0%/],
  ],
  [
    'another catalogue',
    usual,
    { catalogue: { before: fine, now: { known: 0.1, available: 0.1 } } },
    [/no longer matches .* 10% .* 90%/],
  ],
  [
    'all sold out',
    usual,
    { catalogue: { before: fine, now: { known: 0.9, available: 0 } } },
    [/0% of .* can be had, 80% were/],
  ],
  ['a catalogue that came later', usual, { catalogue: { before: { known: 0, available: 0 }, now: fine } }, []],
  [
    'sessions that were lost',
    usual,
    { learnt: { before: 100_000, now: 11_000 } },
    [/11,000 sessions to learn from, where .* 100,000/],
  ],
])('%s', (_, days, changes, faults) => {
  const found = faultsOf(activity(days), { ...context, ...changes });
  expect(found).toHaveLength(faults.length);
  for (const [place, fault] of faults.entries()) expect(found[place]).toMatch(fault);
});

test('all that is wrong is said at once, and what to do', () => {
  const now = { ...context, now: UNTIL - 2 * DAY_MS };
  expect(() => {
    requireSensible(activity([...before, { sessions: 100 }]), now);
  }).toThrow(
    /^The events of store shop do not look right, .* Clocks are wrong: .* Visits dropped: .*train --accept-data/,
  );
});
