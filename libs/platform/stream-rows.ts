import type { PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';

/** The rows of one query, so many at a time, all as of the moment when it began. Stop early and the cursor is closed. */
export async function* streamRows<Row extends object>(
  dataSource: DataSource,
  sql: string,
  parameters: readonly unknown[],
  batch: number,
): AsyncGenerator<Row[], void> {
  const runner = dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as PoolClient;
    const cursor = client.query(new Cursor<Row>(sql, [...parameters]));
    try {
      for (;;) {
        const rows = await cursor.read(batch);
        if (rows.length === 0) return;
        yield rows;
      }
    } finally {
      await cursor.close();
    }
  } finally {
    await runner.release();
  }
}
