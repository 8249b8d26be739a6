import type { SessionItems } from '#dataset';

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** What went on in 24 hours. */
export interface ActiveDay {
  readonly sessions: number;
  readonly clicks: number;
  /** Of the clicks, those on items that nobody had clicked until 24 hours before. */
  readonly freshClicks: number;
  /** Of the sessions, those that ended in the fullest hour. */
  readonly fullestHour: number;
}

/** What went on, in days of 24 hours, counted back from the end of the newest session. */
export interface Activity {
  /** The newest first, days without a session included. */
  readonly days: readonly ActiveDay[];
  /** Of the newest day, by item. */
  readonly newestClicks: ReadonlyMap<string, number>;
  /** The end of the newest session, in milliseconds since the epoch; 0 without one. */
  readonly newestEnd: number;
}

interface Hour {
  sessions: number;
  clicks: number;
  freshClicks: number;
}

/** Counts by the hour, as a day begins where the newest session says, which comes last. Items cost some bytes each, sessions nothing. */
export class ActivityByHour {
  private readonly hours = new Map<number, Hour>();
  private readonly firstHour = new Map<string, number>();
  private readonly recent: { readonly hour: number; readonly clicks: Map<string, number> }[] = [];
  private newestEnd = 0;

  /** Sessions must come in the order of their ends. */
  add({ itemIds, endedAt }: SessionItems): void {
    const number = Math.floor(endedAt / HOUR_MS);
    const hour = this.hours.get(number) ?? { sessions: 0, clicks: 0, freshClicks: 0 };
    if (hour.sessions === 0) this.begin(number, hour);
    hour.sessions++;
    hour.clicks += itemIds.length;
    const clicks = this.recent.at(-1)?.clicks;
    for (const itemId of itemIds) {
      const first = this.firstHour.get(itemId);
      if (first === undefined) this.firstHour.set(itemId, number);
      if (first === undefined || first > number - HOURS) hour.freshClicks++;
      clicks?.set(itemId, (clicks.get(itemId) ?? 0) + 1);
    }
    this.newestEnd = endedAt;
  }

  activity(): Activity {
    const newest = Math.floor(this.newestEnd / HOUR_MS);
    const days: { sessions: number; clicks: number; freshClicks: number; fullestHour: number }[] = [];
    for (const [number, { sessions, clicks, freshClicks }] of this.hours) {
      const back = Math.floor((newest - number) / HOURS);
      while (days.length <= back) days.push({ sessions: 0, clicks: 0, freshClicks: 0, fullestHour: 0 });
      const day = days[back];
      if (!day) continue;
      day.sessions += sessions;
      day.clicks += clicks;
      day.freshClicks += freshClicks;
      day.fullestHour = Math.max(day.fullestHour, sessions);
    }
    const newestClicks = new Map<string, number>();
    for (const { clicks } of this.recent)
      for (const [itemId, count] of clicks) newestClicks.set(itemId, (newestClicks.get(itemId) ?? 0) + count);
    return { days, newestClicks, newestEnd: this.newestEnd };
  }

  /** By day, UTC, the oldest first. */
  days(): { day: string; sessions: number; clicks: number }[] {
    const days = new Map<string, { sessions: number; clicks: number }>();
    for (const [number, { sessions, clicks }] of this.hours) {
      const day = new Date(number * HOUR_MS).toISOString().slice(0, 10);
      const sums = days.get(day) ?? { sessions: 0, clicks: 0 };
      days.set(day, { sessions: sums.sessions + sessions, clicks: sums.clicks + clicks });
    }
    return [...days].map(([day, sums]) => ({ day, ...sums }));
  }

  private begin(number: number, hour: Hour): void {
    this.hours.set(number, hour);
    this.recent.push({ hour: number, clicks: new Map() });
    while ((this.recent[0]?.hour ?? number) <= number - HOURS) this.recent.shift();
  }
}
