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
  const moved: ShopEvent[] = [];
  const erased: string[] = [];
  for (const event of events) {
    const { mergedInto, erasedAt = -Infinity } = marks.get(visitorKey(event)) ?? {};
    if (event.occurredAt <= erasedAt) erased.push(event.eventId);
    else if (mergedInto === undefined) kept.push(event);
    else {
      const own = { ...event, visitorId: mergedInto };
      kept.push(own);
      moved.push(own);
    }
  }
  if (erased.length > 0) {
    await manager.query('delete from events where store = $1 and event_id = any($2::text[])', [store, erased]);
  }
  if (moved.length > 0) {
    await manager.query(
      `update events set visitor_id = moved.visitor_id from unnest($2::text[], $3::text[]) as moved (event_id, visitor_id)
       where store = $1 and events.event_id = moved.event_id`,
      [store, moved.map(({ eventId }) => eventId), moved.map(({ visitorId }) => visitorId)],
    );
  }
  return kept;
}
