import type { EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { verifyFiles, type Artefact, type Manifest } from './artefact.js';
import { ModelFileEntity, ModelVersionEntity } from './model.entities.js';

/** Postgres takes up to 1 GB in a field; small pieces keep the memory of both sides small, and become bytes in a few milliseconds. */
const chunkBytes = 1_000_000;

/** Writes a whole artefact; the caller's transaction makes it all or nothing. */
export async function writeArtefact(manager: EntityManager, { manifest, files }: Artefact): Promise<void> {
  const { store, version } = manifest;
  await manager.query('insert into model_versions (store, version, created_at, manifest) values ($1, $2, $3, $4)', [
    store,
    version,
    new Date(manifest.createdAt),
    manifest,
  ]);
  for (const [name, content] of files) {
    for (let chunk = 0; chunk * chunkBytes < content.byteLength; chunk++) {
      const piece = content.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes);
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      await manager.query('insert into model_files (store, version, name, chunk, bytes) values ($1, $2, $3, $4, $5)', [
        store,
        version,
        name,
        chunk,
        bytes,
      ]);
    }
  }
}

/**
 * Reads a whole artefact and checks every file against the manifest.
 * @throws DomainError `model_not_found` or `artefact_corrupt`.
 */
export async function readArtefact(manager: EntityManager, store: string, version: string): Promise<Artefact> {
  const manifest = await readManifest(manager, store, version);
  const files = new Map<string, Uint8Array>();
  for (const name of Object.keys(manifest.files)) files.set(name, await readFile(manager, manifest, name));
  await verifyFiles(manifest, files);
  return { manifest, files };
}

/** @throws DomainError `model_not_found`. */
export async function readManifest(manager: EntityManager, store: string, version: string): Promise<Manifest> {
  const found = await manager.findOneBy(ModelVersionEntity, { store, version });
  if (!found) {
    throw new DomainError(
      'notFound',
      'model_not_found',
      `Store ${store} has no model version ${version}. The versions are in \`models list\` and GET /v1/models.`,
      { store, version },
    );
  }
  return found.manifest;
}

async function readFile(manager: EntityManager, { store, version }: Manifest, name: string): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for (let chunk = 0; ; chunk++) {
    const piece = await manager.findOneBy(ModelFileEntity, { store, version, name, chunk });
    if (!piece) return Buffer.concat(pieces);
    pieces.push(piece.bytes);
  }
}
