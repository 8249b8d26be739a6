import type { ShopEvent } from '#domain';
import { itemSequence } from './item-sequence.js';
import { sessionise } from './sessionise.js';
import type { TrainingSession } from './training-stream.js';

/**
 * The sessions of events, the oldest end first: as `SessionStore.streamForTraining` would give them, had the events come into an empty
 * store.
 * @param events in order of arrival, without duplicates, all of one store
 * @param gapMs the longest silence within a session that has no name, in milliseconds
 */
export function trainingSessions(events: readonly ShopEvent[], gapMs: number): TrainingSession[] {
  return sessionise([], events, gapMs)
    .upserts.map(({ steps }) => ({ itemIds: itemSequence(steps), endedAt: steps.at(-1)?.occurredAt ?? 0 }))
    .sort((a, b) => a.endedAt - b.endedAt);
}
