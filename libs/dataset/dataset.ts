import type { EncodedSessions } from '#domain';
import { growableFloat64, growableInt32 } from './growable.js';
import { Vocabulary } from './vocabulary.js';

/** A session as it comes from the store: its items, oldest first, and its end in milliseconds since the epoch. */
export interface SessionItems {
  readonly itemIds: readonly string[];
  readonly endedAt: number;
}

/** What to leave out of a data set. */
export interface DatasetOptions {
  /** Items with fewer steps than this in all sessions are left out; 1 (none is) unless given. */
  readonly minimumSupport?: number;
}

/** What a model is trained on. */
export interface Dataset {
  readonly sessions: EncodedSessions;
  readonly vocabulary: Vocabulary;
}

/** What was read of sessions. */
export interface ReadSessions {
  readonly sessions: EncodedSessions;
  /** Steps that were there. */
  readonly steps: number;
  /** Those of them whose items are not known; they were left out. */
  readonly unknownSteps: number;
}

/**
 * Reads sessions, oldest first, into flat arrays: 4 bytes a step and 12 a session, and nothing kept per session besides.
 * Items below the minimum support are dropped from their sessions, then sessions with fewer than two items, for there is
 * nothing to predict in them. The vocabulary holds the items that are left.
 */
export async function buildDataset(
  batches: AsyncIterable<readonly SessionItems[]>,
  { minimumSupport = 1 }: DatasetOptions = {},
): Promise<Dataset> {
  const indexes = new Map<string, number>();
  // Numbered from 1 in order of their first step.
  const { sessions } = await readAll(batches, (itemId) => {
    const index = indexes.get(itemId) ?? indexes.size + 1;
    if (index > indexes.size) indexes.set(itemId, index);
    return index;
  });
  const itemIds = [...indexes.keys()];
  const support = countSteps(sessions.items, itemIds.length);
  return renumber(
    dropShortSessions(sessions, (item) => (support[item] ?? 0) >= minimumSupport),
    itemIds,
  );
}

/**
 * Reads sessions, oldest first, into the item indexes of a model. Items that it does not know are dropped from their sessions, then
 * sessions with fewer than two items.
 * @param indexOf undefined for an item that is not known
 */
export async function encodeSessions(
  batches: AsyncIterable<readonly SessionItems[]> | Iterable<readonly SessionItems[]>,
  indexOf: (itemId: string) => number | undefined,
): Promise<ReadSessions> {
  const { sessions, steps, unknownSteps } = await readAll(batches, indexOf);
  return { sessions: dropShortSessions(sessions, () => true), steps, unknownSteps };
}

/** All sessions, also short ones. */
async function readAll(
  batches: AsyncIterable<readonly SessionItems[]> | Iterable<readonly SessionItems[]>,
  indexOf: (itemId: string) => number | undefined,
): Promise<ReadSessions> {
  let unknownSteps = 0;
  const items = growableInt32();
  const offsets = growableInt32();
  const endedAt = growableFloat64();
  offsets.push(0);
  for await (const batch of batches) {
    for (const session of batch) {
      for (const itemId of session.itemIds) {
        const index = indexOf(itemId);
        if (index === undefined) unknownSteps++;
        else items.push(index);
      }
      offsets.push(items.length);
      endedAt.push(session.endedAt);
    }
  }
  const sessions = { items: items.view(), offsets: offsets.view(), endedAt: endedAt.view() };
  return { sessions, steps: items.length + unknownSteps, unknownSteps };
}

/** Writes over the arrays that it reads, as what is kept never gets ahead of what is read. */
function dropShortSessions(
  { items, offsets, endedAt }: EncodedSessions,
  keeps: (item: number) => boolean,
): EncodedSessions {
  let sessionCount = 0;
  let stepCount = 0;
  let end = 0;
  for (let session = 0; session < endedAt.length; session++) {
    const start = end;
    end = offsets[session + 1] ?? start;
    const first = stepCount;
    for (let step = start; step < end; step++) {
      const item = items[step] ?? 0;
      if (keeps(item)) items[stepCount++] = item;
    }
    if (stepCount - first < 2) {
      stepCount = first;
      continue;
    }
    endedAt[sessionCount++] = endedAt[session] ?? 0;
    offsets[sessionCount] = stepCount;
  }
  return {
    items: items.subarray(0, stepCount),
    offsets: offsets.subarray(0, sessionCount + 1),
    endedAt: endedAt.subarray(0, sessionCount),
  };
}

/** Numbers the items that are left without gaps, in place, and counts them. */
function renumber(sessions: EncodedSessions, itemIds: readonly string[]): Dataset {
  const support = countSteps(sessions.items, itemIds.length);
  const newIndexes = new Int32Array(support.length);
  const kept = itemIds.filter((_, place) => (support[place + 1] ?? 0) > 0);
  let next = 1;
  for (let index = 1; index < support.length; index++) {
    if ((support[index] ?? 0) > 0) newIndexes[index] = next++;
  }
  for (const [step, index] of sessions.items.entries()) sessions.items[step] = newIndexes[index] ?? 0;
  return {
    sessions,
    vocabulary: new Vocabulary(
      kept,
      support.slice(1).filter((count) => count > 0),
    ),
  };
}

/** [itemCount + 1], how many steps each item index has; 0 at index 0. */
function countSteps(items: Int32Array, itemCount: number): Int32Array {
  const counts = new Int32Array(itemCount + 1);
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}
