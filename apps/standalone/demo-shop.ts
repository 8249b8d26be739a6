import type { CatalogStore } from '#catalog';
import { DomainError } from '#domain';
import type { EventIntake } from '#events';
import type { LstmRecipe } from '#lstm';
import { batches } from '#platform';
import { simulateShop, type SimulatedEvent, type SimulatedItem, type SimulatedShop } from '#simulator';

/** The demo shop has a store of its own, so that it never mixes with a real one. */
export const DEMO_STORE = 'demo';

/** Small enough to be trained in about half a minute on 2 cores. */
export const demoRecipe: Partial<LstmRecipe> = {
  dimensions: 64,
  epochs: 8,
  candidates: 'all',
  inputDropout: 0.1,
  readoutDropout: 0.1,
  learningRate: 0.01,
};

const SEED = 1;
const ITEMS_PER_BATCH = 500;
const EVENTS_PER_BATCH = 2_000;

/** An item to try things with: one of its category's most looked at. */
export function exampleItem(): SimulatedItem {
  const [item] = simulateShop({ seed: SEED, until: 0 }).items;
  if (!item) throw new RangeError('the simulated shop has no items');
  return item;
}

/**
 * Fills the demo store with a simulated shop and a month of its visitors, through the same doors as a real one's.
 * Run again after an interruption it goes on: known events are duplicates.
 * @param onProgress gets the share of the events done, 0 to 1, and their number
 */
export async function fillDemoStore(
  { catalog, intake }: { catalog: CatalogStore; intake: EventIntake },
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const shop = simulateShop({ seed: SEED, until: Date.now() });
  for (const batch of batches(shop.items, ITEMS_PER_BATCH)) await catalog.put(DEMO_STORE, batch);
  const events = eventsOf(shop);
  let done = 0;
  for (const batch of batches(events, EVENTS_PER_BATCH)) {
    signal.throwIfAborted();
    const { rejected } = await intake.accept(DEMO_STORE, batch);
    const [fault] = rejected;
    if (fault)
      throw new DomainError('internal', 'demo_rejected', `The simulated shop sent a bad event: ${fault.message}`);
    done += batch.length;
    onProgress(done, events.length);
  }
}

const eventsOf = (shop: SimulatedShop): readonly SimulatedEvent[] => [...shop.events()];
