import { createHash } from 'node:crypto';
import { Random } from '#domain';

/** A click of a made-up table. */
export interface Click {
  readonly session: string;
  readonly item: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly type: string;
}

/** Clicks of sessions that overlap in time, in order of time, no two alike. */
export function makeClicks(count: number, seed: number): Click[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => ({
    session: `s${Math.floor(index / 40) * 10 + random.integer(30)}`,
    item: `i${random.integer(500)}`,
    time: Date.UTC(2026, 0, 1) + index * 1000,
    type: random.integer(10) === 0 ? 'add_to_cart' : 'view',
  }));
}

export function clicksTable(clicks: readonly Click[]): string {
  const rows = clicks.map(({ session, item, time, type }) => [session, item, time, type].join('\t'));
  return ['session_id\titem_id\ttimestamp\tevent_type', ...rows, ''].join('\n');
}

/** What the sessions of the clicks must be: name to steps, made without any of the code under test. */
export function expectedSessions(clicks: readonly Click[]): Map<string, string> {
  const sessions = new Map<string, string>();
  for (const { session, item, time, type } of clicks) {
    const before = sessions.get(session);
    sessions.set(session, `${before === undefined ? '' : `${before}, `}${type} ${item} ${time}`);
  }
  return sessions;
}

/** SQL that gives sessions (name, steps) as `expectedSessions` does. */
export const STORED_SESSIONS = `
  select session_id as name, (
    select string_agg(type || ' ' || item || ' ' || time, ', ' order by step)
    from unnest(event_types, item_ids, occurred_at) with ordinality as step (type, item, time, step)
  ) as steps from sessions`;

/** A short text that two equal sets of sessions share, for a readable failure. */
export function digest(sessions: Map<string, string>): string {
  const lines = [...sessions].map(([name, steps]) => `${name}: ${steps}`).sort();
  return `${lines.length} sessions ${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}
