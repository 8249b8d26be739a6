import { createHash } from 'node:crypto';
import { buildDataset, type Dataset } from '#dataset';
import type { SessionStore, TrainingSession, TrainingTally, TrainingWindow } from '#sessions';
import { ActivityByHour, type Activity } from './activity.js';
import type { ItemDescriptions } from './report.js';

/** What to learn from; each field has a default. */
export interface TrainingDataOptions extends TrainingWindow {
  /** Items with fewer steps than this are left out; 1 (none is) unless given. */
  readonly minimumSupport?: number;
  /** Of a longer session the newest steps are taken, so many; see `SessionStore.streamForTraining`. */
  readonly longestSession?: number;
}

/** Shares of the newest day's clicks, 0 to 1. */
export interface CatalogueMatch {
  /** On items that the catalogue has. */
  readonly known: number;
  /** On items that it says can be had. */
  readonly available: number;
}

/** What a model was trained on, for its manifest and the record of its run. */
interface DataRecord {
  /** As asked for, ISO 8601; null where there is no bound. */
  readonly window: { readonly from: string | null; readonly until: string | null };
  readonly minimumSupport: number;
  /** What was read and not learnt from, or only in part; see `TrainingTally`. */
  readonly leftOut: TrainingTally;
  /**
   * Of what was read, before items below the minimum support were left out: SHA-256, hexadecimal, over one line a session, the oldest
   * end first: its end in milliseconds since the epoch and its items, each with a tab before it.
   */
  readonly sha256: string;
  /** By day (UTC) of the session's end. */
  readonly days: readonly { readonly day: string; readonly sessions: number; readonly clicks: number }[];
}

/** What was read. */
export interface TrainingData {
  readonly dataset: Dataset;
  readonly data: DataRecord;
  readonly activity: Activity;
}

/** Reads a store's sessions once, as they are at the moment of the call, in memory that grows by some bytes a step. */
export async function readTrainingData(
  sessions: Pick<SessionStore, 'streamForTraining'>,
  store: string,
  { minimumSupport = 1, ...window }: TrainingDataOptions,
): Promise<TrainingData> {
  const leftOut: TrainingTally = { erasedVisitors: 0, erasedSessions: 0, automatedSessions: 0, shortenedSessions: 0 };
  const hash = createHash('sha256');
  const hours = new ActivityByHour();
  const observe = async function* (): AsyncGenerator<TrainingSession[], void> {
    for await (const batch of sessions.streamForTraining(store, window, leftOut)) {
      for (const session of batch) {
        hours.add(session);
        hash.update(`${session.endedAt}\t${session.itemIds.join('\t')}\n`);
      }
      yield batch;
    }
  };
  const dataset = await buildDataset(observe(), { minimumSupport });
  const data: DataRecord = {
    window: { from: instant(window.from), until: instant(window.until) },
    minimumSupport,
    leftOut,
    sha256: hash.digest('hex'),
    days: hours.days(),
  };
  return { dataset, data, activity: hours.activity() };
}

const instant = (time: number | undefined): string | null => (time === undefined ? null : new Date(time).toISOString());

/** How a catalogue matches what was clicked in the newest 24 hours. */
export function catalogueMatch({ newestClicks }: Activity, catalogue: ItemDescriptions): CatalogueMatch {
  const sums = { all: 0, known: 0, available: 0 };
  for (const [itemId, clicks] of newestClicks) {
    const described = catalogue.get(itemId);
    sums.all += clicks;
    if (described) sums.known += clicks;
    if (described?.available) sums.available += clicks;
  }
  const share = (clicks: number): number => clicks / Math.max(1, sums.all);
  return { known: share(sums.known), available: share(sums.available) };
}
