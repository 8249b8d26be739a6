import { simulateShop, type SimulatedEvent } from '#simulator';

/** Simulating is slower than what is measured with it. */
const MOST_SIMULATED = 50_000;

/** Three in four simulated events are views. Chance may make it fewer, so some more are simulated than are taken. */
const VIEWS_PER_EVENT = (61 / 82) * 1.1;

/**
 * So many events of a shop with 20,000 items, of its last month, oldest first; they are made as they are asked for.
 * After the first 50,000 the same is done by other visitors, again and again.
 */
export function* simulatedEvents(count: number): Generator<SimulatedEvent, void, undefined> {
  const size = Math.min(count, MOST_SIMULATED);
  const views = Math.ceil(size * VIEWS_PER_EVENT);
  const shop = simulateShop({ seed: 1, views, items: 20_000, until: Date.now() });
  const first: SimulatedEvent[] = [];
  for (const event of shop.events()) {
    if (first.length === size) break;
    first.push(event);
    yield event;
  }
  for (let index = size; index < count; index++) {
    const event = first[index % size];
    if (event) yield byOthers(event, Math.floor(index / size));
  }
}

/** The same, done by another visitor in each round. */
function byOthers(event: SimulatedEvent, round: number): SimulatedEvent {
  const { eventId, visitorId, userId, orderId } = event;
  return {
    ...event,
    eventId: `${eventId}-${round}`,
    visitorId: `${visitorId}-${round}`,
    ...(userId !== undefined && { userId: `${userId}-${round}` }),
    ...(orderId !== undefined && { orderId: `${orderId}-${round}` }),
  };
}
