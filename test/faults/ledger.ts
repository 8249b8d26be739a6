import pg from 'pg';

/** How far the ingest processes are, by their database, which comes and goes. */
export class Ledger {
  /** Records that were stored when Postgres last answered. */
  lastStored = 0;
  private readonly pool: pg.Pool;
  private lastError = 'none';

  constructor(
    databaseUrl: string,
    private readonly topic: string,
  ) {
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: 1, query_timeout: 10_000 });
    // That a connection is lost is told by the next query.
    this.pool.on('error', () => undefined);
  }

  /** How many records are stored; -1 while Postgres is away. */
  async stored(): Promise<number> {
    const count = await this.count('select coalesce(sum(next_offset), 0) from stream_offsets where topic = $1');
    if (count >= 0) this.lastStored = count;
    return count;
  }

  /** How many dead letters wait for the dead-letter topic; -1 while Postgres is away. */
  unpublished(): Promise<number> {
    return this.count('select count(*) from dead_letters where topic = $1 and published_at is null');
  }

  async describe(): Promise<string> {
    const offsets = await this.ask<string>(
      `select string_agg(partition || ':' || next_offset, ' ' order by partition) from stream_offsets where topic = $1`,
    );
    return (
      `stored ${this.lastStored} (${offsets ?? 'now unknown'}), not published ${await this.unpublished()}, ` +
      `last error of the database: ${this.lastError}`
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async count(query: string): Promise<number> {
    return Number((await this.ask<string>(query)) ?? -1);
  }

  private async ask<T>(query: string): Promise<T | undefined> {
    try {
      const { rows } = await this.pool.query<[T], string[]>({ text: query, values: [this.topic], rowMode: 'array' });
      return rows[0]?.[0];
    } catch (error) {
      this.lastError = (error as Error).message;
      return undefined;
    }
  }
}
