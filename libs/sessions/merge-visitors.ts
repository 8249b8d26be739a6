import type { EntityManager } from 'typeorm';
import { fromRow, SESSION_COLUMNS, type SessionRow } from './session-row.js';
import type { SessionEvent, StoredSession } from './sessionise.js';

/** Two visitors of a store. */
export interface VisitorMerge {
  readonly store: string;
  readonly from: string;
  readonly into: string;
  /** Steps at or before it are left out; milliseconds since the epoch. */
  readonly erasedAt?: number | undefined;
}

const SESSIONS_PER_READ = 20;
/** Of the sessions that are put in at once: what they can touch must be read, and sorted in one go. */
const STEPS_AT_ONCE = 1_000;
const SPAN_AT_ONCE_MS = 24 * 60 * 60 * 1_000;

/** See `SessionStore.mergeVisitors`. */
export async function mergeVisitors(
  merge: VisitorMerge,
  apply: (events: readonly SessionEvent[]) => Promise<void>,
  manager: EntityManager,
): Promise<number> {
  let merged = 0;
  for (;;) {
    const sessions = await takeOldest(merge, manager);
    if (sessions.length === 0) return merged;
    merged += sessions.length;
    for (const group of groups(sessions)) await apply(group.flatMap((session) => toEvents(session, merge)));
  }
}

async function takeOldest({ store, from }: VisitorMerge, manager: EntityManager): Promise<StoredSession[]> {
  const [rows] = await manager.query<[SessionRow[], number]>(
    `delete from sessions where store = $1 and id = any(array(
       select id from sessions where store = $1 and visitor_id = $2 order by ended_at, id limit $3))
     returning ${SESSION_COLUMNS}`,
    [store, from, SESSIONS_PER_READ],
  );
  return rows.map(fromRow).sort((a, b) => timeOf(a, -1) - timeOf(b, -1));
}

function* groups(sessions: readonly StoredSession[]): Generator<StoredSession[]> {
  let group: StoredSession[] = [];
  let [steps, begin] = [0, Infinity];
  for (const session of sessions) {
    steps += session.steps.length;
    begin = Math.min(begin, timeOf(session, 0));
    if (group.length > 0 && (steps > STEPS_AT_ONCE || timeOf(session, -1) - begin > SPAN_AT_ONCE_MS)) {
      yield group;
      group = [];
      [steps, begin] = [session.steps.length, timeOf(session, 0)];
    }
    group.push(session);
  }
  if (group.length > 0) yield group;
}

/** An event for each step, as though the other visitor had done it. */
function toEvents({ sessionId, steps }: StoredSession, { into, erasedAt = -Infinity }: VisitorMerge): SessionEvent[] {
  return steps
    .filter(({ occurredAt }) => occurredAt > erasedAt)
    .map(({ itemId, type, occurredAt }) => ({
      visitorId: into,
      ...(sessionId !== undefined && { sessionId }),
      type,
      items: [{ itemId }],
      occurredAt,
    }));
}

const timeOf = ({ steps }: StoredSession, place: 0 | -1): number => steps.at(place)?.occurredAt ?? 0;
