import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiKeys } from '#access';

/** The demo shop's keys in full. */
export interface DemoKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/**
 * The keys of the demo shop, the same at every start. Postgres holds only their hashes, so they are kept in a file that its owner
 * alone may read; when that is lost, or the database is another one, new keys are made.
 * @param folder the data folder; made when absent
 */
export async function demoKeys(keys: ApiKeys, store: string, folder: string): Promise<DemoKeys> {
  const file = join(folder, 'demo-keys.json');
  const kept = await readKeys(file);
  if (kept && (await keys.authenticate(kept.publicKey)) && (await keys.authenticate(kept.secretKey))) return kept;
  const made = {
    publicKey: (await keys.create(store, 'public', 'demo')).key,
    secretKey: (await keys.create(store, 'secret', 'demo')).key,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}

async function readKeys(file: string): Promise<DemoKeys | undefined> {
  try {
    const { publicKey, secretKey } = JSON.parse(await readFile(file, 'utf8')) as Partial<DemoKeys>;
    return publicKey !== undefined && secretKey !== undefined ? { publicKey, secretKey } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
