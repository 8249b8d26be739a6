import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { verifyFiles, type FileFacts, type Manifest } from './artefact.js';

/**
 * Reads the files of a version and checks each against the manifest.
 * @returns each in memory of its own
 * @throws DomainError `artefact_corrupt`
 */
export async function readFiles(client: Client, manifest: Manifest): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const found = new Map<string, FileFacts>();
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const content = new Uint8Array(bytes);
    files.set(name, content);
    found.set(name, await readFile(client, manifest, name, content));
  }
  verifyFiles(manifest, found);
  return files;
}

/** Reads as much of a file as there is room for; resolves to what there is of it. */
async function readFile(
  client: Client,
  { store, version }: Manifest,
  name: string,
  content: Uint8Array,
): Promise<FileFacts> {
  const hash = createHash('sha256');
  let length = 0;
  for (let chunk = 0; ; chunk++) {
    const { rows } = await client.query<{ bytes: Buffer }>(
      'select bytes from model_files where store = $1 and version = $2 and name = $3 and chunk = $4',
      [store, version, name, chunk],
    );
    const piece = rows[0]?.bytes;
    if (!piece) return { bytes: length, sha256: hash.digest('hex') };
    hash.update(piece);
    if (length < content.length) content.set(piece.subarray(0, content.length - length), length);
    length += piece.length;
  }
}
