import type { DataSource } from 'typeorm';

/** Keeps everybody else from reading or writing a table, as a database that is stuck would. Resolves to what ends it. */
export async function holdTable(dataSource: DataSource, table: string): Promise<() => Promise<void>> {
  const holder = dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query(`lock table ${table} in access exclusive mode`);
  return async () => {
    await holder.rollbackTransaction();
    await holder.release();
  };
}
