import type { EventType, SessionStep, ShopEvent } from '#domain';

/** A session as the database has it, or, without `id`, as it will be. */
export interface StoredSession {
  readonly id?: string;
  readonly visitorId: string;
  /** The shop's own name for it; absent when cut by time. */
  readonly sessionId?: string;
  /** Never empty; by `occurredAt`, ties in order of arrival. */
  readonly steps: readonly SessionStep[];
}

/** What of an event its session is made of. */
export type SessionEvent = Omit<ShopEvent, 'store' | 'eventId'>;

/** What must be written so that the sessions are right again. */
export interface SessionChanges {
  /** Whole sessions: new ones have no id. */
  readonly upserts: readonly StoredSession[];
  /** Ids of sessions that became part of another. */
  readonly deletions: readonly string[];
}

/**
 * A session keeps its latest steps only: more is a robot, or one name for everybody, and would make each further event
 * dearer than the one before.
 */
export const MAXIMUM_STEPS = 1_000;

const STEP_TYPES: ReadonlySet<EventType> = new Set<EventType>(['view', 'click', 'add_to_cart', 'purchase']);

/** Does the event make steps of a session? Impressions, searches and removals from the cart do not, nor cut one. */
export function makesSteps(event: SessionEvent): boolean {
  return event.items.length > 0 && STEP_TYPES.has(event.type);
}

/**
 * Puts events into sessions.
 *
 * An event that names its session belongs to (visitor, session) whenever it happened. The others of a visitor form
 * sessions by time: a session is a longest run of steps that follow one another within `gapMs` (inclusive). So a late
 * event may extend a session backwards or join two. The steps of a session are ordered by `occurredAt`; steps of the same
 * time stay in order of arrival, and the items of one event in the order given. The result depends on the events and the
 * order of arrival alone, not on how they were cut into calls. A session keeps its latest `MAXIMUM_STEPS`.
 *
 * @param existing every session that an event may belong to or touch: the named ones, and those of the visitors that
 *   lie within `gapMs` of the events' times; others may be there too
 * @param events in order of arrival, without duplicates, all of one store
 * @param gapMs the longest silence within a session, in milliseconds
 */
export function sessionise(
  existing: readonly StoredSession[],
  events: readonly SessionEvent[],
  gapMs: number,
): SessionChanges {
  const arrivals = new Map<string, { visitorId: string; sessionId: string | undefined; steps: SessionStep[] }>();
  for (const event of events) {
    if (!makesSteps(event)) continue;
    const key = keyOf(event);
    let arrival = arrivals.get(key);
    if (!arrival) {
      arrival = { visitorId: event.visitorId, sessionId: event.sessionId, steps: [] };
      arrivals.set(key, arrival);
    }
    const { type, occurredAt } = event;
    for (const { itemId } of event.items) arrival.steps.push({ itemId, type, occurredAt });
  }
  const known = new Map<string, StoredSession[]>();
  for (const session of existing) {
    const key = keyOf(session);
    if (!arrivals.has(key)) continue;
    const sessions = known.get(key);
    if (sessions) sessions.push(session);
    else known.set(key, [session]);
  }
  const upserts: StoredSession[] = [];
  const deletions: string[] = [];
  for (const [key, { visitorId, sessionId, steps }] of arrivals) {
    const before = known.get(key) ?? [];
    if (sessionId === undefined) {
      const changes = cutByTime(before, visitorId, steps, gapMs);
      upserts.push(...changes.upserts);
      deletions.push(...changes.deletions);
    } else {
      const [session] = before;
      const ordered = inTimeOrder([...(session?.steps ?? []), ...steps]);
      upserts.push({ ...session, visitorId, sessionId, steps: ordered.slice(-MAXIMUM_STEPS) });
    }
  }
  return { upserts, deletions };
}

/** Ids hold no control characters, so the key cannot be made by another pair. */
function keyOf({ visitorId, sessionId }: Pick<StoredSession, 'visitorId' | 'sessionId'>): string {
  return sessionId === undefined ? visitorId : `${visitorId}\n${sessionId}`;
}

/** The sort is stable, so ties keep their order. */
function inTimeOrder(steps: SessionStep[]): SessionStep[] {
  return steps.sort((a, b) => a.occurredAt - b.occurredAt);
}

function cutByTime(
  before: readonly StoredSession[],
  visitorId: string,
  arrived: readonly SessionStep[],
  gapMs: number,
): SessionChanges {
  const origins = new Map<SessionStep, StoredSession>();
  for (const session of before) for (const step of session.steps) origins.set(step, session);
  const upserts: StoredSession[] = [];
  const kept = new Set<StoredSession>();
  for (const run of runs(inTimeOrder([...before.flatMap((session) => session.steps), ...arrived]), gapMs)) {
    const steps = run.slice(-MAXIMUM_STEPS);
    const parts = new Set(steps.map((step) => origins.get(step)));
    const first = [...parts].find((part) => part !== undefined && !kept.has(part));
    if (first) kept.add(first);
    const unchanged = parts.size === 1 && first?.steps.length === steps.length;
    if (!unchanged) upserts.push({ ...(first?.id !== undefined && { id: first.id }), visitorId, steps });
  }
  const deletions = before.flatMap((session) => (session.id !== undefined && !kept.has(session) ? [session.id] : []));
  return { upserts, deletions };
}

function* runs(steps: readonly SessionStep[], gapMs: number): Generator<SessionStep[]> {
  let run: SessionStep[] = [];
  for (const step of steps) {
    const last = run.at(-1);
    if (last && step.occurredAt - last.occurredAt > gapMs) {
      yield run;
      run = [];
    }
    run.push(step);
  }
  if (run.length > 0) yield run;
}
