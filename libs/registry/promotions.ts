import type { EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { verifyArtefact } from './artefact-store.js';
import { ModelPromotionEntity, ModelVersionEntity } from './model.entities.js';

/** Where Postgres tells those who listen of every promotion and rollback, once it is stored: the store that it is about. */
export const PROMOTIONS_CHANNEL = 'nextpick_promotions';

/** So many rollbacks, one after the other, find their model still there whatever is pruned. */
const RETURNABLE = 5;

/**
 * Puts a whole version in service; nothing changes when it is in service already.
 * @throws DomainError `model_not_found` or `artefact_corrupt`.
 */
export async function promoteWhole(
  manager: EntityManager,
  store: string,
  version: string,
  reason: string,
): Promise<void> {
  // First, so that the version is not pruned meanwhile.
  await lockPromotions(manager, store);
  await verifyArtefact(manager, store, version);
  await addPromotion(manager, store, version, reason);
}

/** Puts a version in service that is known to be whole, as one that the same transaction stores is. */
export async function addPromotion(
  manager: EntityManager,
  store: string,
  version: string,
  reason: string,
): Promise<void> {
  await lockPromotions(manager, store);
  const current = await newestPromotion(manager, store);
  if (current?.version === version) return;
  await insert(manager, { store, version, reason, returnsTo: current?.id ?? null });
}

/**
 * Puts the version back in service that the present one replaced; resolves to it.
 * @throws DomainError `nothing_to_roll_back`, `model_pruned` or `artefact_corrupt`.
 */
export async function rollBack(manager: EntityManager, store: string, reason: string): Promise<string> {
  await lockPromotions(manager, store);
  const current = await newestPromotion(manager, store);
  const previous =
    current?.returnsTo && (await manager.findOneBy(ModelPromotionEntity, { store, id: current.returnsTo }));
  if (!previous) {
    throw new DomainError(
      'conflict',
      'nothing_to_roll_back',
      `Store ${store} has no earlier model to go back to: ${current ? `${current.version} is the first` : 'none is in service'}.`,
      { store },
    );
  }
  const { version, returnsTo } = previous;
  if (!(await manager.existsBy(ModelVersionEntity, { store, version }))) {
    throw new DomainError(
      'conflict',
      'model_pruned',
      `Store ${store} cannot go back to model ${version}, which ${current.version} replaced: it is no longer kept ` +
        '(KEEP_MODELS). Promote a version of `models list` instead.',
      { store, version },
    );
  }
  await verifyArtefact(manager, store, version);
  await insert(manager, { store, version, reason, returnsTo });
  return version;
}

/** The version in service and, behind it, those that one rollback after the other returns to: the next few, some perhaps pruned. */
export async function returnChain(manager: EntityManager, store: string): Promise<string[]> {
  const rows = await manager.query<{ version: string }[]>(
    `with recursive chain as (
       (select version, returns_to, 0 as step from model_promotions where store = $1 order by id desc limit 1)
       union all
       select earlier.version, earlier.returns_to, chain.step + 1
       from chain join model_promotions earlier on earlier.store = $1 and earlier.id = chain.returns_to
       where chain.step < $2)
     select version from chain order by step`,
    [store, RETURNABLE],
  );
  return rows.map(({ version }) => version);
}

/**
 * One change of what is in service, or of what can be, at a time, until the transaction ends. Without it two promotions at once could
 * both name the same predecessor.
 */
export async function lockPromotions(manager: EntityManager, store: string): Promise<void> {
  await manager.query("select pg_advisory_xact_lock(hashtextextended('model_promotions ' || $1, 0))", [store]);
}

/** Null before the first. */
export async function newestPromotion(manager: EntityManager, store: string): Promise<ModelPromotionEntity | null> {
  return manager.findOne(ModelPromotionEntity, { where: { store }, order: { id: 'DESC' } });
}

async function insert(
  manager: EntityManager,
  promotion: Pick<ModelPromotionEntity, 'store' | 'version' | 'reason' | 'returnsTo'>,
): Promise<void> {
  await manager.insert(ModelPromotionEntity, { ...promotion, promotedAt: new Date() });
  await manager.query('select pg_notify($1, $2)', [PROMOTIONS_CHANNEL, promotion.store]);
}
