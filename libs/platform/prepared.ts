import type { Pool, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * A statement that each connection parses and plans once, by its name, which `DataSource.query` cannot do. The result runs it with
 * values for its parameters, outside any transaction of the caller.
 * @param name unique in the process for its text, at most 63 bytes
 */
export function prepared<Row extends QueryResultRow>(
  dataSource: DataSource,
  name: string,
  text: string,
): (values: readonly unknown[]) => Promise<Row[]> {
  return async (values) => {
    // TypeORM's connections; they exist once it is initialised.
    const { master } = dataSource.driver as unknown as { readonly master: Pool };
    const { rows } = await master.query<Row>({ name, text, values: [...values] });
    return rows;
  };
}
