import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ModelRegistry, VOCABULARY_FILE } from '#registry';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { fillWithVisits } from '../../support/visits.js';

/** The key of the lock that stops a command in the middle of a transaction. */
const GATE = 4242;
const TABLES = ['model_versions', 'model_files', 'model_promotions'];
const DISK_FULL = `raise exception 'could not extend file "base/5/16384": No space left on device' using errcode = 'disk_full'`;
/** What is said about it. */
const DISK_FULL_SAID =
  /^The database stopped a change to the models of store default: .*No space left on device\. .*run the same command or request again\.$/m;

/** A command line that runs in a process of its own, with what it has printed so far. */
interface Command {
  readonly child: ChildProcess;
  readonly closed: Promise<unknown>;
  readonly printed: { result: string; messages: string };
}

describe('a training run that is interrupted', () => {
  let database: TestDatabase;
  let registry: ModelRegistry;
  let commands: Command[];

  beforeEach(async () => {
    commands = [];
    database = await createTestDatabase();
    registry = new ModelRegistry(database.dataSource);
    await fillWithVisits(database.dataSource, (visit) => (visit + 1) * 3_600_000);
  });
  afterEach(async () => {
    for (const { child, closed } of commands) {
      child.kill('SIGKILL');
      await closed;
    }
    await database.drop();
  });

  const query = <Row>(text: string): Promise<Row[]> => database.dataSource.query<Row[]>(text);

  const start = (...words: string[]): Command => {
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--import', './test/support/typescript.mjs', 'apps/cli/main.ts', ...words],
      { env: { ...process.env, DATABASE_URL: database.url }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const printed = { result: '', messages: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.result += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.messages += text));
    const command = { child, closed: once(child, 'close'), printed };
    commands.push(command);
    return command;
  };
  const startTraining = (epochs: number, ...words: string[]): Command =>
    start('train', '--promote', 'always', '--recipe', JSON.stringify({ dimensions: 8, epochs }), ...words);
  const kill = async ({ child, closed }: Command): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
    expect(child.signalCode).toBe('SIGKILL');
  };
  const expectSuccess = async ({ child, closed, printed }: Command): Promise<string> => {
    await closed;
    expect(child.exitCode, printed.messages).toBe(0);
    return printed.result;
  };
  const expectDiskFull = async ({ child, closed, printed }: Command): Promise<void> => {
    await closed;
    expect(child.exitCode).toBe(1);
    expect(printed.messages).toMatch(DISK_FULL_SAID);
    expect(printed.messages).not.toMatch(/^ +at /m);
    expect(printed.result).toBe('');
  };

  /** Trains to the end; resolves to the version. */
  const train = async (): Promise<string> => {
    const result = JSON.parse(await expectSuccess(startTraining(2, '--json'))) as { version: string };
    return result.version;
  };
  /** The registry holds these versions, whole, all promoted once and the last one in service, and nothing else. */
  const expectModels = async (...versions: string[]): Promise<void> => {
    for (const table of TABLES) {
      const rows = await query<{ version: string }>(`select distinct version from ${table} order by version`);
      expect({ table, versions: rows.map(({ version }) => version) }).toEqual({ table, versions });
    }
    for (const version of versions) await registry.load('default', version);
    expect(await registry.inService('default')).toBe(versions.at(-1) ?? null);
  };

  /** What Postgres does when a row is written to the table, in the middle of the transaction. */
  const onInsert = async (table: string, statement: string, condition = 'true'): Promise<void> => {
    await query(
      `create function interrupt() returns trigger language plpgsql as $$ begin ${statement}; return new; end $$`,
    );
    await query(`create trigger interrupt before insert on ${table} for each row
      when (${condition}) execute function interrupt()`);
  };
  const removeTrigger = (): Promise<unknown> => query('drop function interrupt cascade');
  const until = (check: () => Promise<void> | void): Promise<void> =>
    vi.waitFor(check, { timeout: 60_000, interval: 20 });

  it('by a kill while it trains leaves nothing, and the next run trains and promotes', async () => {
    const training = startTraining(10_000_000);
    await until(() => {
      expect(training.printed.messages).toMatch(/^Training: 0%, [\d,]+ targets, .*epoch \d+ of 10000000/m);
    });
    await kill(training);
    await expectModels();
    await expectModels(await train());
  });

  it('by a kill before the commit leaves the old model in service, and the next run replaces it', async () => {
    const old = await train();
    await onInsert('model_promotions', `perform pg_advisory_xact_lock(${GATE})`);
    const holder = database.dataSource.createQueryRunner();
    let waiting: { pid: number }[] = [];
    try {
      await holder.query(`select pg_advisory_lock(${GATE})`);
      const training = startTraining(2);
      await until(async () => {
        waiting = await query(
          `select pid from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`,
        );
        expect(waiting).toHaveLength(1);
      });
      await kill(training);
      await expectModels(old);
    } finally {
      await holder.query(`select pg_advisory_unlock(${GATE})`);
      await holder.release();
    }
    // The server writes the promotion, finds nobody to tell, and ends the transaction.
    await until(async () => {
      expect(await query(`select pid from pg_stat_activity where pid = ${waiting[0]?.pid}`)).toEqual([]);
    });
    await removeTrigger();
    await expectModels(old);
    await expectModels(old, await train());
  });

  it('by a full disk says so, leaves the old model in service, and the next run replaces it', async () => {
    const old = await train();
    // The file before it in the same transaction, the network, found room.
    await onInsert('model_files', DISK_FULL, `new.name = '${VOCABULARY_FILE}'`);
    await expectDiskFull(startTraining(2));
    await expectModels(old);
    await removeTrigger();
    await expectModels(old, await train());
  });

  it('by a full disk in a promotion says so, and the same promotion works later', async () => {
    const [old, current] = [await train(), await train()];
    await onInsert('model_promotions', DISK_FULL);
    await expectDiskFull(start('models', 'promote', old));
    await expectModels(old, current);
    await removeTrigger();
    await expectSuccess(start('models', 'promote', old));
    expect(await registry.inService('default')).toBe(old);
  });
});
