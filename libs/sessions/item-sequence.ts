import type { SessionStep } from '#domain';

/**
 * The items of a session as the model sees them, oldest first: repeats stay, but putting the item that was just looked at
 * into the cart, or buying it, is not another step.
 */
export function itemSequence(steps: readonly Pick<SessionStep, 'itemId' | 'type'>[]): string[] {
  const items: string[] = [];
  for (const { itemId, type } of steps) {
    const looked = type === 'view' || type === 'click';
    if (looked || items.at(-1) !== itemId) items.push(itemId);
  }
  return items;
}
