import type { EntityManager } from 'typeorm';
import type { ShopEvent } from '#domain';
import { visitorKey, type VisitorMarks } from '#sessions';

/**
 * Takes events that were just inserted out again where their visitor was erased since they occurred, and gives those of a merged visitor
 * to the one merged into.
 * @param events of one store
 * @returns those that stay, as they are stored now
 */
export async function heedMarks(
  store: string,
  events: readonly ShopEvent[],
  marks: VisitorMarks,
  manager: EntityManager,
): Promise<readonly ShopEvent[]> {
  if (marks.size === 0) return events;
  const kept: ShopEvent[] = [];
  const moved: [ShopEvent, string][] = [];
  const erased: ShopEvent[] = [];
  for (const event of events) {
    const { mergedInto, erasedAt = -Infinity } = marks.get(visitorKey(event)) ?? {};
    if (event.occurredAt <= erasedAt) erased.push(event);
    else if (mergedInto === undefined) kept.push(event);
    else {
      kept.push({ ...event, visitorId: mergedInto });
      moved.push([event, mergedInto]);
    }
  }
  if (erased.length > 0) {
    await manager.query(
      `with gone as (delete from events using ${written('$2', '$3', '$4')} where ${isWritten} returning events.event_id)
       delete from event_ids using gone where store = $1 and event_ids.event_id = gone.event_id`,
      [store, ...keysOf(erased)],
    );
  }
  if (moved.length > 0) {
    await manager.query(
      `update events set visitor_id = written.into_id from ${written('$2', '$3', '$4', '$5')} where ${isWritten}`,
      [store, ...keysOf(moved.map(([event]) => event)), moved.map(([, into]) => into)],
    );
  }
  return kept;
}

/** The events that were just inserted, by their key. */
const written = (visitors: string, times: string, ids: string, targets?: string): string =>
  `(select visitor_id, to_timestamp(at / 1000) as occurred_at, event_id${targets ? ', into_id' : ''}
    from unnest(${visitors}::text[], ${times}::float8[], ${ids}::text[]${targets ? `, ${targets}::text[]` : ''})
      as inserted (visitor_id, at, event_id${targets ? ', into_id' : ''})) as written`;

const isWritten = `events.store = $1 and events.visitor_id = written.visitor_id
  and events.occurred_at = written.occurred_at and events.event_id = written.event_id`;

const keysOf = (events: readonly ShopEvent[]): unknown[] => [
  events.map(({ visitorId }) => visitorId),
  events.map(({ occurredAt }) => occurredAt),
  events.map(({ eventId }) => eventId),
];
