import type { DataSource } from 'typeorm';

/** Changes one byte in the middle of one file of a model version, as a failing disk does. Done twice it is whole again. */
export async function flipByte(dataSource: DataSource, version: string, file: string): Promise<void> {
  await dataSource.query(
    `update model_files set bytes = set_byte(bytes, length(bytes) / 2, get_byte(bytes, length(bytes) / 2) # 1)
     where version = $1 and name = $2 and chunk = 0`,
    [version, file],
  );
}
