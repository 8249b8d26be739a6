import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { predictionCases } from '#evaluation';
import { EventIntake } from '#events';
import { batches, openDataSource } from '#platform';
import { refreshPopularity, refreshRelations } from '#recommender';
import { ModelRegistry } from '#registry';
import { SessionStore } from '#sessions';
import { runCommand } from '../command.js';
import { interrupted } from '../interrupted.js';
import { readSessions } from '../session-file.js';

const STORE = 'default';
const VISITORS = 20_000;
/** Visits at once in a transaction. */
const VISITS = 500;
/** Between two views. */
const STEP_MS = 1_000;

/** A visit stays open so long, in minutes: longer than any load. */
export const SESSION_GAP_MINUTES = 1_440;

/** Imports `train.tsv.gz` of a data folder into an empty database, and puts a model in service. */
export async function fillStore(url: string, data: string, modelFrom: string | undefined): Promise<void> {
  console.error('importing train.tsv.gz ...');
  await runCommand(url, ['import', 'events', join(data, 'train.tsv.gz'), '--json']);
  console.error(modelFrom === undefined ? 'training ...' : 'taking the model over ...');
  if (modelFrom === undefined) await runCommand(url, ['train', '--json']);
  else {
    await withRegistry(modelFrom, (from) => withRegistry(url, (to) => copyModel(from, to, 'promote')));
    await countItems(url);
  }
}

/** As `train` does at its end. */
async function countItems(url: string): Promise<void> {
  const dataSource = await openDataSource(url);
  try {
    await refreshPopularity(dataSource, STORE);
    await refreshRelations(dataSource, STORE);
  } finally {
    await dataSource.destroy();
  }
}

/** Stores the model in service once more. @returns both versions, the one in service first */
export async function secondVersion(url: string): Promise<readonly [string, string]> {
  return withRegistry(url, async (registry) => {
    const first = await registry.inService(STORE);
    return [first ?? '', await copyModel(registry, registry, 'save')];
  });
}

async function copyModel(from: ModelRegistry, to: ModelRegistry, how: 'save' | 'promote'): Promise<string> {
  const version = await from.inService(STORE);
  if (version === null) throw new Error(`no model of the store ${STORE} is in service`);
  const { manifest, files } = await from.load(STORE, version);
  return how === 'save' ? to.save(STORE, manifest, files) : to.saveAndPromote(STORE, manifest, files, 'benchmark');
}

async function withRegistry<Result>(url: string, work: (registry: ModelRegistry) => Promise<Result>): Promise<Result> {
  const dataSource = await openDataSource(url);
  try {
    return await work(new ModelRegistry(dataSource));
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Lets visitors come who have seen what the visitors of `test.tsv.gz` had seen at some time of their visit, and are still there.
 * Their visits are spread over the whole file.
 * @returns their ids
 */
export async function openVisits(dataSource: DataSource, data: string): Promise<string[]> {
  console.error('visitors come ...');
  const sessions = await readSessions(join(data, 'test.tsv.gz'));
  const prefixes = [...predictionCases(sessions)].map(({ prefix }) => prefix);
  const step = Math.max(1, Math.floor(prefixes.length / VISITORS));
  const visits = prefixes
    .filter((_, i) => i % step === 0)
    .slice(0, VISITORS)
    .map((items, i) => ({ visitorId: `visitor-${i}`, items }));
  const intake = new EventIntake(dataSource, new SessionStore(dataSource, SESSION_GAP_MINUTES * 60_000));
  const now = Date.now();
  for (const some of batches(visits, VISITS)) {
    interrupted.throwIfAborted();
    const views = some.flatMap(({ visitorId, items }) =>
      items.map((itemId, place) => ({
        eventId: `${visitorId}-${place}`,
        type: 'view',
        visitorId,
        itemId,
        occurredAt: new Date(now - (items.length - place) * STEP_MS).toISOString(),
      })),
    );
    const { rejected } = await intake.accept(STORE, views);
    if (rejected[0]) throw new Error(`a view was not taken: ${rejected[0].message}`);
  }
  // Postgres tidies up after the import on its own, some time within minutes, which may be while requests are measured.
  await dataSource.query('vacuum analyze');
  await dataSource.query('checkpoint');
  return visits.map(({ visitorId }) => visitorId);
}
