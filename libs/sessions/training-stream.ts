import type { DataSource } from 'typeorm';
import type { EventType } from '#domain';
import { streamRows } from '#platform';
import { itemSequence } from './item-sequence.js';
import { ID_SEPARATOR } from './session-row.js';
import { visitorHash } from './visitor-locks.js';

/** Which sessions to train on. Ends are in milliseconds since the epoch: at or after `from`, before `until`. */
export interface TrainingWindow {
  readonly from?: number;
  readonly until?: number;
  /** Of a longer session the newest steps are taken, so many; all unless given. */
  readonly longestSession?: number;
}

export interface TrainingSession {
  /** As the model sees them; see `itemSequence`. Never empty. */
  readonly itemIds: string[];
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

/** What was read and not given, or only in part. */
export interface TrainingTally {
  /** Visitors of whom nothing may be learnt, whether or not sessions of theirs came back. */
  erasedVisitors: number;
  /** Sessions that ended before their visitor was erased, and came back with an older copy of the database. */
  erasedSessions: number;
  /** Sessions that no person can have had; see {@link isAutomated}. */
  automatedSessions: number;
  /** Sessions that were longer than the longest. */
  shortenedSessions: number;
}

interface Row {
  readonly item_ids: string;
  /** Null when every step is a view or a click: nothing to leave out then. */
  readonly event_types: string | null;
  readonly ended_at: number;
  readonly erased: boolean;
  /** Milliseconds since the epoch; null where there are too few to be automated. */
  readonly occurred_at: string | null;
}

/** So many steps within a minute are more than a person makes, who looks at what she clicked. */
const STEPS_A_MINUTE = 100;
const MINUTE_MS = 60_000;

/**
 * Whether a session was made by a program: more than 100 steps within a minute, anywhere in it.
 * @param times of its steps, milliseconds since the epoch, never falling
 */
function isAutomated(times: readonly number[]): boolean {
  return times.some((time, step) => time - (times[step - STEPS_A_MINUTE] ?? -Infinity) < MINUTE_MS);
}

const BATCH = 5_000;

/** See `SessionStore.streamForTraining`. */
export async function* streamSessions(
  dataSource: DataSource,
  store: string,
  { from, until, longestSession = Infinity }: TrainingWindow,
  tally: TrainingTally,
): AsyncGenerator<TrainingSession[], void> {
  const [erased] = await dataSource.query<{ visitors: number }[]>(
    'select count(*)::int as visitors from visitor_tombstones where store = $1',
    [store],
  );
  tally.erasedVisitors += erased?.visitors ?? 0;
  const batches = streamRows<Row>(
    dataSource,
    `select array_to_string(item_ids, chr(31)) as item_ids,
       case when event_types <@ '{view,click}' then null else array_to_string(event_types, ',') end as event_types,
       case when cardinality(occurred_at) > $4 then array_to_string(occurred_at, ',') end as occurred_at,
       (extract(epoch from ended_at) * 1000)::float8 as ended_at,
       exists (select from visitor_tombstones where store = $1)
         and exists (select from visitor_tombstones where store = $1 and erased_at >= ended_at
           and visitor_hash = ${visitorHash('sessions.store', 'sessions.visitor_id')}) as erased
     from sessions
     where store = $1
       and ended_at >= coalesce(to_timestamp($2::float8 / 1000), '-infinity')
       and ended_at < coalesce(to_timestamp($3::float8 / 1000), 'infinity')
     order by ended_at, id`,
    [store, from ?? null, until ?? null, STEPS_A_MINUTE],
    BATCH,
  );
  for await (const rows of batches) {
    const sessions: TrainingSession[] = [];
    for (const row of rows) {
      if (row.erased) tally.erasedSessions++;
      else if (row.occurred_at !== null && isAutomated(row.occurred_at.split(',').map(Number)))
        tally.automatedSessions++;
      else {
        const session = toTrainingSession(row);
        const { length } = session.itemIds;
        if (length > longestSession) tally.shortenedSessions++;
        sessions.push(
          length > longestSession ? { ...session, itemIds: session.itemIds.slice(-longestSession) } : session,
        );
      }
    }
    if (sessions.length > 0) yield sessions;
  }
}

function toTrainingSession(row: Row): TrainingSession {
  const itemIds = row.item_ids.split(ID_SEPARATOR);
  const types = row.event_types?.split(',') as EventType[] | undefined;
  return {
    itemIds: types ? itemSequence(itemIds.map((itemId, index) => ({ itemId, type: types[index] ?? 'view' }))) : itemIds,
    endedAt: row.ended_at,
  };
}
