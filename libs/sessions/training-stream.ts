import type { DataSource } from 'typeorm';
import type { EventType } from '#domain';
import { streamRows } from '#platform';
import { itemSequence } from './item-sequence.js';
import { ID_SEPARATOR } from './session-row.js';
import { visitorHash } from './visitor-locks.js';

/** Ends of sessions in milliseconds since the epoch: at or after `from`, before `until`. */
export interface TrainingWindow {
  readonly from?: number;
  readonly until?: number;
}

export interface TrainingSession {
  /** As the model sees them; see `itemSequence`. Never empty. */
  readonly itemIds: string[];
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

/** Sessions that nothing may be learnt from, for their visitors were erased. */
export interface ErasedSessions {
  sessions: number;
}

interface Row {
  readonly item_ids: string;
  /** Null when every step is a view or a click: nothing to leave out then. */
  readonly event_types: string | null;
  readonly ended_at: number;
  readonly erased: boolean;
}

const BATCH = 5_000;

/** See `SessionStore.streamForTraining`. */
export async function* streamSessions(
  dataSource: DataSource,
  store: string,
  { from, until }: TrainingWindow,
  erased: ErasedSessions,
): AsyncGenerator<TrainingSession[], void> {
  const batches = streamRows<Row>(
    dataSource,
    `select array_to_string(item_ids, chr(31)) as item_ids,
       case when event_types <@ '{view,click}' then null else array_to_string(event_types, ',') end as event_types,
       (extract(epoch from ended_at) * 1000)::float8 as ended_at,
       exists (select from visitor_tombstones where store = $1)
         and exists (select from visitor_tombstones where store = $1 and erased_at >= ended_at
           and visitor_hash = ${visitorHash('sessions.store', 'sessions.visitor_id')}) as erased
     from sessions
     where store = $1
       and ended_at >= coalesce(to_timestamp($2::float8 / 1000), '-infinity')
       and ended_at < coalesce(to_timestamp($3::float8 / 1000), 'infinity')
     order by ended_at, id`,
    [store, from ?? null, until ?? null],
    BATCH,
  );
  for await (const rows of batches) {
    const kept = rows.filter((row) => !row.erased);
    erased.sessions += rows.length - kept.length;
    if (kept.length > 0) yield kept.map(toTrainingSession);
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
