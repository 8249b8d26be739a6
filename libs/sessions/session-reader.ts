import type { DataSource } from 'typeorm';
import { MicroBatcher, prepared } from '#platform';
import type { StoredSession } from './sessionise.js';
import { fromRow, SESSION_COLUMNS, type SessionRow } from './session-row.js';

/** So many visitors are looked up in one query at most. */
const LARGEST_BATCH = 64;

interface Visit {
  readonly store: string;
  readonly visitorId: string;
}

/** The latest session of a visitor, if its end is not before `since`, in milliseconds since the epoch. */
export interface LatestVisit extends Visit {
  readonly since: number;
}

/** A session by its name. */
export interface NamedVisit extends Visit {
  readonly sessionId: string;
}

// `limit` and `offset 0` keep one index look-up for each key, whatever the statistics of a growing table say.
const latest = `select key.ordinal::int, found.*
    from unnest($1::text[], $2::text[], $3::float8[]) with ordinality as key (store, visitor_id, since, ordinal)
    cross join lateral (select ${SESSION_COLUMNS} from sessions
      where store = key.store and visitor_id = key.visitor_id and ended_at >= to_timestamp(key.since / 1000)
      order by ended_at desc, id desc limit 1) as found`;

const named = `select key.ordinal::int, found.*
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as key (store, visitor_id, session_id, ordinal)
    cross join lateral (select ${SESSION_COLUMNS} from sessions
      where store = key.store and visitor_id = key.visitor_id and session_id = key.session_id offset 0) as found`;

/**
 * Reads one session for each request. Those that are asked for together are read in one query: to send one takes both sides longer
 * than to answer it.
 */
export class SessionReader {
  private readonly latestVisits: MicroBatcher<LatestVisit, StoredSession | null>;
  private readonly namedVisits: MicroBatcher<NamedVisit, StoredSession | null>;

  constructor(dataSource: DataSource) {
    const readLatest = prepared<FoundRow>(dataSource, 'nextpick_latest_sessions', latest);
    this.latestVisits = new MicroBatcher((visits) => read(readLatest, visits, ({ since }) => since), LARGEST_BATCH);
    const readNamed = prepared<FoundRow>(dataSource, 'nextpick_named_sessions', named);
    this.namedVisits = new MicroBatcher(
      (visits) => read(readNamed, visits, ({ sessionId }) => sessionId),
      LARGEST_BATCH,
    );
  }

  /** @param deadline as that of `MicroBatcher.ask` */
  latest(visit: LatestVisit, deadline?: number): Promise<StoredSession | null> {
    return this.latestVisits.ask(visit, deadline);
  }

  /** @param deadline as that of `MicroBatcher.ask` */
  named(visit: NamedVisit, deadline?: number): Promise<StoredSession | null> {
    return this.namedVisits.ask(visit, deadline);
  }
}

interface FoundRow extends SessionRow {
  /** Of the visit that it answers, from 1. */
  readonly ordinal: number;
}

async function read<Asked extends Visit>(
  query: (values: readonly unknown[]) => Promise<FoundRow[]>,
  visits: readonly Asked[],
  which: (visit: Asked) => string | number,
): Promise<(StoredSession | null)[]> {
  const found = visits.map((): StoredSession | null => null);
  const rows = await query([
    visits.map(({ store }) => store),
    visits.map(({ visitorId }) => visitorId),
    visits.map(which),
  ]);
  for (const row of rows) found[row.ordinal - 1] = fromRow(row);
  return found;
}
