import type { EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { factsOf, piecesOf, type FileFacts } from '#platform';
import { verifyFiles, type Artefact, type Manifest } from './artefact.js';
import { ModelVersionEntity } from './model.entities.js';

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
    let chunk = 0;
    for (const bytes of piecesOf(content)) {
      await manager.query('insert into model_files (store, version, name, chunk, bytes) values ($1, $2, $3, $4, $5)', [
        store,
        version,
        name,
        chunk++,
        bytes,
      ]);
    }
  }
}

/**
 * Checks every file of a version against its manifest, in the database: nothing is read.
 * @throws DomainError `model_not_found` or `artefact_corrupt`.
 */
export async function verifyArtefact(manager: EntityManager, store: string, version: string): Promise<void> {
  const manifest = await readManifest(manager, store, version);
  const found = await manager.query<(FileFacts & { name: string })[]>(
    `select name, sum(length(bytes))::float8 as bytes,
       encode(sha256(string_agg(bytes, ''::bytea order by chunk)), 'hex') as sha256
     from model_files where store = $1 and version = $2 group by name`,
    [store, version],
  );
  // Of an empty file nothing is stored.
  const empty = Object.keys(manifest.files).map((name) => [name, factsOf(Buffer.of())] as const);
  verifyFiles(manifest, new Map([...empty, ...found.map(({ name, ...facts }) => [name, facts] as const)]));
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
