import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { ApiKeys } from '#access';
import { parsePlacement, PlacementStore } from '#placements';
import { ModelRegistry } from '#registry';
import { TrainingRuns } from '#runs';
import { VisitorReceipts } from '#visitors';
import { trainRingModel } from '../support/tiny-model.js';
import type { Keys } from './wrong-request.js';

const STORE = 'default';
const LONGEST_COUNT_MS = 60_000;

/** A store in which the documented requests of every route can be done. */
export async function openShop(
  dataSource: DataSource,
): Promise<{ keys: Keys; known: Readonly<Record<string, string>> }> {
  const registry = new ModelRegistry(dataSource);
  const { draft, files } = await trainRingModel();
  await registry.saveAndPromote(STORE, draft, files, 'malformed');
  const version = await registry.save(STORE, draft, files, { report: {}, page: '<!doctype html>' });
  // The one that the examples name beside that which they put.
  await new PlacementStore(dataSource).put(STORE, 'product', parsePlacement({}));
  const visitor = { store: STORE, visitorId: 'visitor-1' };
  const { receiptId } = await new VisitorReceipts(dataSource).write(visitor, 'export', { events: 0 });
  const { runId } = await new TrainingRuns(dataSource).record(STORE, { origin: 'command', options: {} }, () =>
    Promise.resolve({ outcome: 'kept', reason: 'An example.', version: null } as const),
  );
  return { keys: await createKeys(dataSource), known: { version, receiptId, runId } };
}

async function createKeys(dataSource: DataSource): Promise<Keys> {
  const keys = new ApiKeys(dataSource);
  const create = (kind: 'public' | 'secret', settings = {}) => keys.create(STORE, kind, 'malformed', settings);
  const revoked = await create('secret');
  await keys.revoke(STORE, revoked.id);
  const expired = await create('secret');
  await dataSource.query(`update api_keys set expires_at = now() - interval '1 day' where id = $1`, [expired.id]);
  return {
    secret: (await create('secret')).key,
    public: (await create('public')).key,
    revoked: revoked.key,
    expired: expired.key,
    forOneOrigin: (await create('public', { origins: ['https://shop.example'] })).key,
  };
}

/** Resolves once the answers given so far are counted, which happens some seconds after the first of them. */
export async function answersCounted(dataSource: DataSource): Promise<void> {
  for (const end = Date.now() + LONGEST_COUNT_MS; Date.now() < end;) {
    const rows = await dataSource.query<unknown[]>('select from placement_requests limit 1');
    if (rows.length > 0) return;
    await pause(100);
  }
  throw new Error(`the answers given were not counted in ${LONGEST_COUNT_MS / 1_000} seconds`);
}

/** How many rows each table has, apart from what the database keeps of itself. */
export async function countRows(dataSource: DataSource): Promise<Readonly<Record<string, number>>> {
  const tables = await dataSource.query<{ name: string }[]>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await dataSource.query<{ count: string }[]>(`select count(*) from "${name}"`);
    counts[name] = Number(row?.count);
  }
  return counts;
}
