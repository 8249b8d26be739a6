import type { DataSource } from 'typeorm';
import type { Moment } from './moments.js';

/** A place in the job's work with the database where it can be held up. */
export interface Gate {
  /** From 1. */
  readonly number: number;
  readonly moment: Moment;
  /** As in `create trigger NAME ...`. */
  readonly event: string;
  /** Whether what the run made is stored whatever becomes of its process. */
  readonly stored: boolean;
}

const PLACES: readonly Omit<Gate, 'number'>[] = [
  {
    moment: 'saving',
    event: `before update on training_runs for each row when (new.details ? 'recipe' and not old.details ? 'recipe')`,
    stored: false,
  },
  { moment: 'saving', event: 'before insert on model_versions for each row', stored: false },
  {
    moment: 'saving',
    event: `before insert on model_files for each row when (new.name = 'model.onnx')`,
    stored: false,
  },
  {
    moment: 'saving',
    event: `before insert on model_files for each row when (new.name = 'blend.json')`,
    stored: false,
  },
  { moment: 'saving', event: 'before insert on model_reports for each row', stored: false },
  { moment: 'promoting', event: 'before insert on model_promotions for each row', stored: false },
  {
    moment: 'promoting',
    event: `before update on training_runs for each row when (new.outcome = 'promoted')`,
    stored: false,
  },
  // In the commit, which nobody can take back once it was asked for.
  {
    moment: 'promoting',
    event: 'after insert on model_promotions deferrable initially deferred for each row',
    stored: true,
  },
  { moment: 'keeping house', event: 'before delete on model_versions for each statement', stored: true },
  { moment: 'keeping house', event: 'before delete on model_files for each statement', stored: true },
  { moment: 'keeping house', event: 'before delete on item_popularity for each statement', stored: true },
  { moment: 'keeping house', event: 'before insert on item_relations for each statement', stored: true },
];

const GATES: readonly Gate[] = PLACES.map((place, i) => ({ ...place, number: i + 1 }));

/** Of the locks of all gates. */
const KEY = 4242;

/** Connections of the job have names that begin so. */
export const JOB_NAME = 'killed-job-';

/** Where a run can be held up at a moment; nowhere when the moment is long enough to be met without. */
export const gatesOf = (moment: Moment): readonly Gate[] => GATES.filter((gate) => gate.moment === moment);

/** Puts up every gate, all open. */
export async function putUpGates(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `create function wait_at_gate() returns trigger language plpgsql as $$ begin
       if current_setting('application_name') like '${JOB_NAME}%' then
         perform pg_advisory_xact_lock_shared(${KEY}, tg_argv[0]::int);
       end if;
       return coalesce(new, old);
     end $$`,
  );
  for (const { number, event } of GATES) {
    const kind = event.includes('deferrable') ? 'constraint trigger' : 'trigger';
    await dataSource.query(`create ${kind} gate_${number} ${event} execute function wait_at_gate('${number}')`);
  }
}

/**
 * Closes a gate while something is done.
 * @param work gets to know whether somebody waits at the gate
 */
export async function withClosedGate<Result>(
  dataSource: DataSource,
  { number }: Gate,
  work: (isReached: () => Promise<boolean>) => Promise<Result>,
): Promise<Result> {
  const keeper = dataSource.createQueryRunner();
  try {
    await keeper.query('select pg_advisory_lock($1, $2)', [KEY, number]);
    return await work(async () => {
      const waiting = await dataSource.query<unknown[]>(
        `select from pg_locks where locktype = 'advisory' and not granted and classid = $1 and objid = $2
           and database = (select oid from pg_database where datname = current_database())`,
        [KEY, number],
      );
      return waiting.length > 0;
    });
  } finally {
    await keeper.query('select pg_advisory_unlock($1, $2)', [KEY, number]);
    await keeper.release();
  }
}
