import { mkdtemp, chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startLocalKafka, type LocalKafka } from '#local-kafka';
import { startEmbeddedPostgres, type RunningDatabase } from '#platform';
import { endOfLog } from './bounded.js';

/** A Postgres and a Kafka of a run's own, in a temporary folder, to be killed and started again where they were. */
export class Servers {
  private constructor(
    private readonly folder: string,
    private postgres: RunningDatabase,
    private kafka: LocalKafka,
  ) {}

  static async start(): Promise<Servers> {
    const folder = await mkdtemp(join(tmpdir(), 'nextpick-faults-'));
    try {
      // Root runs Postgres as another user, who must be able to enter.
      await chmod(folder, 0o711);
      const postgres = await startEmbeddedPostgres(folder);
      try {
        return new Servers(folder, postgres, await startLocalKafka({ folder: join(folder, 'kafka') }));
      } catch (error) {
        await postgres.stop();
        throw error;
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  get brokers(): string {
    return this.kafka.brokers;
  }

  /** SIGKILL for the first process and all that serve its connections. */
  async killPostgres(): Promise<void> {
    const [first] = (await readFile(join(this.folder, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
    const children = await this.backends();
    for (const pid of [Number(first), ...children]) kill(pid);
  }

  async restartPostgres(): Promise<void> {
    const { url } = this.postgres;
    this.postgres = await startEmbeddedPostgres(this.folder);
    if (this.postgres.url !== url) throw new Error('Postgres started at another address: its port was taken meanwhile');
  }

  async killKafka(): Promise<void> {
    await this.kafka.kill();
  }

  async restartKafka(): Promise<void> {
    const { brokers } = this.kafka;
    this.kafka = await startLocalKafka({ folder: join(this.folder, 'kafka') });
    if (this.kafka.brokers !== brokers)
      throw new Error('Kafka started at another address: its port was taken meanwhile');
  }

  /** The ends of their logs. */
  async logs(): Promise<string> {
    const postgres = await readFile(join(this.folder, 'postgres', 'server.log'), 'utf8');
    const kafka = await readFile(this.kafka.log, 'utf8');
    return `Postgres:\n${endOfLog(postgres)}\nKafka:\n${endOfLog(kafka)}`;
  }

  /** Ends both and removes all that they stored. */
  async remove(): Promise<void> {
    await this.kafka.kill();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async backends(): Promise<number[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity');
    await client.end();
    return rows.map(({ pid }) => pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
