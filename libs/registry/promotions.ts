import type { EntityManager } from 'typeorm';
import { ModelPromotionEntity } from './model.entities.js';
import { announcePromotion } from './promotion-news.js';

/** Puts a version in service, and says so; does nothing when it is there already. */
export async function addPromotion(
  manager: EntityManager,
  store: string,
  version: string,
  reason: string,
): Promise<void> {
  await lockPromotions(manager, store);
  const current = await newestPromotion(manager, store);
  if (current?.version === version) return;
  await writePromotion(manager, { store, version, reason, returnsTo: current?.id ?? null });
}

/** Puts a version in service, and says so. The promotions of the store must be locked. */
export async function writePromotion(
  manager: EntityManager,
  promotion: Pick<ModelPromotionEntity, 'store' | 'version' | 'reason' | 'returnsTo'>,
): Promise<void> {
  await manager.insert(ModelPromotionEntity, { ...promotion, promotedAt: new Date() });
  await announcePromotion(manager, promotion.store);
}

/** Without it two promotions at once could both name the same predecessor. */
export async function lockPromotions(manager: EntityManager, store: string): Promise<void> {
  await manager.query("select pg_advisory_xact_lock(hashtextextended('model_promotions ' || $1, 0))", [store]);
}

/** Of the version in service; null before the first. */
export async function newestPromotion(manager: EntityManager, store: string): Promise<ModelPromotionEntity | null> {
  return manager.findOne(ModelPromotionEntity, { where: { store }, order: { id: 'DESC' } });
}
