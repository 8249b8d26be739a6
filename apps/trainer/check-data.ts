import { DomainError } from '#domain';
import type { Activity, ActiveDay } from './activity.js';
import type { CatalogueMatch } from './training-data.js';

/** What the data are held against. */
export interface DataContext {
  readonly store: string;
  /** Milliseconds since the epoch: no session should have ended later. */
  readonly now: number;
  /** Sessions that the model in service has learnt from, and those to learn from now; null where that says nothing. */
  readonly learnt: { readonly before: number; readonly now: number } | null;
  /** How the catalogue matches the newest day, and how it did when the model in service was trained; null where that is not known. */
  readonly catalogue: { readonly before: CatalogueMatch | null; readonly now: CatalogueMatch };
}

/** A day with fewer sessions says nothing. */
const LEAST_SESSIONS = 100;
/** Days before the newest that are needed to say what is usual. */
const LEAST_DAYS = 3;
const WEEK = 7;
/** A day is odd when it has so much less, or more, than both the same weekday before and the middle one of the last seven days. */
const DROP = 0.3;
const RISE = 5;
/** Of a day's sessions, those in its fullest hour: usually less than the first, in trouble more than the second. */
const USUAL_IN_AN_HOUR = 0.4;
const TOO_MANY_IN_AN_HOUR = 0.8;
/** Of a day's clicks, those on items that were new: so much more than usual, and at least so many. */
const FRESH_TIMES = 3;
const FRESH_MORE = 0.3;
/** Of what the catalogue matched before. */
const MATCH_DROP = 0.5;
const LATE_MS = 3_600_000;

/**
 * Looks whether the data can be what they say.
 * @returns what speaks against it, a sentence each; empty when nothing does
 */
export function faultsOf(activity: Activity, context: DataContext): string[] {
  const [newest, ...before] = activity.days;
  if (!newest) return [];
  return [
    ...clockFaults(activity, newest, before, context.now),
    ...(newest.sessions >= LEAST_SESSIONS ? [...garbageFaults(newest, before), ...catalogueFaults(context)] : []),
    ...trafficFaults(newest, before),
    ...windowFaults(context),
  ];
}

/**
 * @throws DomainError `data_suspicious` with all that speaks against the data
 */
export function requireSensible(activity: Activity, context: DataContext): void {
  const faults = faultsOf(activity, context);
  if (faults.length === 0) return;
  const { store } = context;
  throw new DomainError(
    'conflict',
    'data_suspicious',
    `The events of store ${store} do not look right, so nothing was trained and the model in service stays: ${faults.join(' ')} ` +
      'Put that right, or take the data as they are (`train --accept-data`).',
    { store, faults: faults.length },
  );
}

function trafficFaults(newest: ActiveDay, before: readonly ActiveDay[]): string[] {
  const weekday = before[WEEK - 1]?.sessions;
  if (weekday === undefined) return [];
  const usual = [weekday, middle(before.slice(0, WEEK).map(({ sessions }) => sessions))];
  const told = `the newest 24 hours have ${count(newest.sessions)} sessions, the same weekday before had ${count(weekday)}`;
  if (Math.min(...usual) >= LEAST_SESSIONS && newest.sessions < DROP * Math.min(...usual))
    return [`Visits dropped: ${told}. See whether events still arrive.`];
  if (newest.sessions >= LEAST_SESSIONS && newest.sessions > RISE * Math.max(...usual, LEAST_SESSIONS))
    return [`Visits multiplied: ${told}. See whether something sends events twice, or is no visitor.`];
  return [];
}

function clockFaults({ newestEnd }: Activity, newest: ActiveDay, before: readonly ActiveDay[], now: number): string[] {
  const faults =
    newestEnd > now + LATE_MS
      ? [`Clocks are wrong: the newest session ended at ${new Date(newestEnd).toISOString()}, which is still to come.`]
      : [];
  const share = ({ sessions, fullestHour }: ActiveDay): number => fullestHour / Math.max(1, sessions);
  const full = before.slice(0, WEEK).filter(({ sessions }) => sessions >= LEAST_SESSIONS);
  if (newest.sessions < LEAST_SESSIONS || full.length < LEAST_DAYS) return faults;
  if (share(newest) > TOO_MANY_IN_AN_HOUR && middle(full.map(share)) < USUAL_IN_AN_HOUR)
    faults.push(
      `Clocks are wrong, or events were held up: ${percent(share(newest))} of the newest 24 hours' sessions ended within one hour. See the \`occurredAt\` that is sent.`,
    );
  return faults;
}

function garbageFaults(newest: ActiveDay, before: readonly ActiveDay[]): string[] {
  const share = ({ clicks, freshClicks }: ActiveDay): number => freshClicks / Math.max(1, clicks);
  // The oldest day has new items alone.
  const usual = before
    .slice(0, -1)
    .slice(0, WEEK)
    .filter(({ sessions }) => sessions >= LEAST_SESSIONS);
  if (usual.length < LEAST_DAYS) return [];
  const expected = middle(usual.map(share));
  if (share(newest) <= Math.max(FRESH_TIMES * expected, expected + FRESH_MORE)) return [];
  return [
    `The newest 24 hours are unlike those before: ${percent(share(newest))} of the clicks are on items that nobody had clicked before, usual are ${percent(expected)}. See what sends them.`,
  ];
}

function catalogueFaults({ catalogue: { before, now } }: DataContext): string[] {
  if (!before) return [];
  if (now.known < MATCH_DROP * before.known)
    return [
      `The catalogue no longer matches the events: it has the items of ${percent(now.known)} of the newest 24 hours' clicks, and had those of ${percent(before.known)} when the model in service was trained. See which ids are sent.`,
    ];
  if (now.available < MATCH_DROP * before.available)
    return [
      `The catalogue no longer matches the events: ${percent(now.available)} of the newest 24 hours' clicks are on items that can be had, ${percent(before.available)} were when the model in service was trained. See what is sent to PUT /v1/items.`,
    ];
  return [];
}

function windowFaults({ learnt }: DataContext): string[] {
  if (!learnt || learnt.now >= DROP * learnt.before) return [];
  return [
    `There are ${count(learnt.now)} sessions to learn from, where the model in service had ${count(learnt.before)}. See whether sessions were lost.`,
  ];
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const count = (value: number): string => value.toLocaleString('en');
const percent = (share: number): string => `${Math.round(100 * share)}%`;
