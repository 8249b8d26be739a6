import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { runFaults, type FinishedRun } from '../../faults/fault-run.js';

const SEED = 20_260_101;

describe('ingest, while everything around it is killed', () => {
  let run: FinishedRun;
  let database: pg.Client;

  beforeAll(async () => {
    run = await runFaults({
      seed: SEED,
      events: 20_000,
      faults: { ingestKills: 3, postgresKills: 1, brokerKills: 1, joinsAndLeaves: 1 },
      members: 2,
      commandLine: fileURLToPath(new URL('../../../dist/apps/cli/main.js', import.meta.url)),
      report: () => undefined,
    });
    database = new pg.Client({ connectionString: run.databaseUrl });
    await database.connect();
    return async () => {
      await database.end();
      await run.close();
    };
  }, 600_000);

  const differences = async (): Promise<string> => (await run.compare()).toString();

  it('stores every event once, in its place, and publishes every poisonous record once', async () => {
    expect(await differences()).toBe('');
    expect(run.summary).toMatchObject({ events: 20_000 });
    for (const figure of ['repetitions', 'sessions', 'joinedLate', 'deadLetters'] as const) {
      expect(run.summary[figure]).toBeGreaterThan(20);
    }
  });

  it('would have noticed a lost event, a step twice, steps in each other’s place, and what waits to be published', async () => {
    const session = (place: number): string =>
      `(select id from sessions where item_ids[1] <> item_ids[2] order by id limit 1 offset ${place})`;
    for (const change of [
      'delete from events where (tableoid, ctid) in (select tableoid, ctid from events limit 1)',
      `update sessions set item_ids = item_ids[1] || item_ids, event_types = event_types[1] || event_types,
         occurred_at = occurred_at[1] || occurred_at where id = ${session(0)}`,
      `update sessions set item_ids = array[item_ids[2], item_ids[1]] || item_ids[3:] where id = ${session(1)}`,
      'update dead_letters set published_at = null where ctid = (select min(ctid) from dead_letters)',
      'update stream_offsets set next_offset = next_offset - 1 where partition = 0',
    ]) {
      await database.query(change);
    }
    const found = await differences();
    expect(found.match(/^\S.*/gm)).toEqual([
      'event lost: 1',
      'session wrong: 2',
      'dead letter in the database wrong: 1',
      'stored offset wrong: 1',
    ]);
  });
});
