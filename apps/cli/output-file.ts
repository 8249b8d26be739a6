import { constants } from 'node:fs';
import { access, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidInputError } from '#domain';

/**
 * Makes sure, before long work, that a file can be written where a person wants it.
 * @param option that named it, such as `--output`
 * @throws InvalidInputError `output_invalid`
 */
export async function requireWritable(path: string, option: string): Promise<void> {
  const fault = await faultOf(path);
  if (fault === undefined) return;
  throw new InvalidInputError(
    'output_invalid',
    `${path} cannot be written: ${fault}, or give ${option} another path.`,
    {
      file: path,
    },
  );
}

async function faultOf(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  if (!(await isFolder(folder))) return `there is no folder ${folder}. Make it first`;
  if (await isFolder(path)) return 'it is a folder. Add the name of a file';
  try {
    await access(folder, constants.W_OK);
    return undefined;
  } catch {
    return `you may not write into the folder ${folder}. Change its permissions`;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Writes a file so that it is there whole or not at all; one that was there is replaced. */
export async function writeWhole(path: string, text: string | AsyncIterable<string>): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
