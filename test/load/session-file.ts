import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { InvalidInputError } from '#domain';

/**
 * The items of every session of a gzipped TSV file with the columns `session_id` and `item_id`, in the file's order.
 * @throws InvalidInputError when a column is missing.
 */
export async function readSessions(file: string): Promise<string[][]> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  const sessions = new Map<string, string[]>();
  let columns: { session: number; item: number } | undefined;
  for await (const line of lines) {
    const cells = line.split('\t');
    if (columns) {
      const [session, item] = [cells[columns.session] ?? '', cells[columns.item] ?? ''];
      const items = sessions.get(session);
      if (items) items.push(item);
      else sessions.set(session, [item]);
      continue;
    }
    columns = { session: cells.indexOf('session_id'), item: cells.indexOf('item_id') };
    if (columns.session < 0 || columns.item < 0) {
      throw new InvalidInputError('column_missing', `${file}: the first line must name session_id and item_id`, {
        file,
      });
    }
  }
  return [...sessions.values()];
}
