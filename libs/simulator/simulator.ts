import { Random, type EventType } from '#domain';
import { at, chance, weighted } from './choices.js';
import { createCatalogue, isOnSale, type Catalogue, type Product } from './catalogue.js';
import { letDrift } from './drift.js';
import { createShopper, type Shopper } from './shopper.js';
import { createVisit, type Action } from './visit.js';

/** What to simulate. */
export interface SimulatorOptions {
  /** The same seed and options give the same shop and the same events. */
  readonly seed: number;
  /** About how many items; 2,000 unless given. */
  readonly items?: number;
  /** About how many views; 60,000 unless given. */
  readonly views?: number;
  /** Length of the period in days; 30 unless given. */
  readonly days?: number;
  /** The end of the period, milliseconds since the epoch: no event is later. */
  readonly until: number;
  /**
   * How much the shop changes from day to day; 0 (all stays) unless given. With 1 departments, styles, brands and items gain and lose
   * by chance what doubles or halves them in about a week, and in a month two fifths of the items leave or come.
   */
  readonly drift?: number;
}

/** An event as a shop would send it: the event contract's form. */
export interface SimulatedEvent {
  readonly eventId: string;
  readonly type: EventType;
  readonly visitorId: string;
  readonly userId?: string;
  readonly itemId?: string;
  readonly items?: readonly { itemId: string; quantity?: number; price?: number; position?: number }[];
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly currency?: string;
  readonly orderId?: string;
}

/** A catalogue item as a shop would send it: the item contract's form. */
export interface SimulatedItem {
  readonly itemId: string;
  readonly title: string;
  readonly price: number;
  readonly currency: string;
  readonly categories: readonly string[];
  readonly available: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A shop with its catalogue and its history. */
export interface SimulatedShop {
  /** All that it ever sells. */
  readonly items: readonly SimulatedItem[];
  /** What the shop would say on a day of the period, from 0: without what comes later, and what has left is not available. */
  itemsOn(day: number): readonly SimulatedItem[];
  /** All events, oldest first, made as they are asked for; each call starts again. */
  events(): Generator<SimulatedEvent, void, undefined>;
}

/** Views in a visit, as measured; turns a number of views into a number of visits. */
const VIEWS_PER_VISIT = 5.5;
const DAY_MS = 86_400_000;
const CURRENCY = 'EUR';
/** Visits by the hour of the day: nights are quiet, evenings are not. */
const HOURS = [3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 14, 13, 12, 12, 13, 14, 16, 19, 21, 20, 14, 7];

/** A shop whose shoppers have tastes and habits. Pure: no clock, no file, no network. */
export function simulateShop(options: SimulatorOptions): SimulatedShop {
  const { seed, items = 2_000, views = 60_000, days = 30, until, drift = 0 } = options;
  const steady = createCatalogue(items, days, new Random(seed));
  const catalogue = drift > 0 ? letDrift(steady, { days, strength: drift }, new Random(seed + 2)) : steady;
  return {
    items: catalogue.products.map((product) => toItem(product, catalogue)),
    itemsOn: (day) =>
      catalogue.products
        .filter(({ onSale: [from] }) => day >= from)
        .map((product) => ({ ...toItem(product, catalogue), available: isOnSale(product, day) })),
    events: () => simulateEvents({ seed, views, days, until, catalogue }),
  };
}

interface Simulation {
  readonly seed: number;
  readonly views: number;
  readonly days: number;
  readonly until: number;
  readonly catalogue: Catalogue;
}

interface TimedAction extends Action {
  readonly at: number;
  readonly shopper: Shopper;
}

function* simulateEvents({
  seed,
  views,
  days,
  until,
  catalogue,
}: Simulation): Generator<SimulatedEvent, void, undefined> {
  const random = new Random(seed + 1);
  const shoppers: Shopper[] = [];
  const visitsPerDay = views / VIEWS_PER_VISIT / days;
  let waiting: TimedAction[] = [];
  let number = 0;
  for (let day = 0; day < days; day++) {
    const midnight = until - (days - day) * DAY_MS;
    // A weekly swing, and a little chance.
    const visits = Math.round(
      visitsPerDay * (1 + 0.2 * Math.sin((2 * Math.PI * day) / 7)) * (0.9 + 0.2 * random.uniform()),
    );
    for (let visit = 0; visit < visits; visit++) {
      const start = midnight + Math.floor((weighted(random, HOURS) + random.uniform()) * (DAY_MS / 24));
      const shopper = chooseShopper(shoppers, day, catalogue, random);
      const actions = createVisit(shopper, day, catalogue, random);
      waiting.push(...actions.map((action) => ({ ...action, at: start + action.offset, shopper })));
    }
    // What runs past midnight is told tomorrow, in its order.
    const tomorrow = midnight + DAY_MS;
    waiting.sort((a, b) => a.at - b.at);
    const told = waiting.filter((action) => action.at < tomorrow);
    waiting = waiting.filter((action) => action.at >= tomorrow);
    for (const action of told) yield toEvent(action, `sim-${seed}-${++number}`, catalogue);
  }
}

/** Nearly half of the visits are by somebody who has been here before, rather lately; nobody comes twice a day. */
function chooseShopper(shoppers: Shopper[], day: number, catalogue: Catalogue, random: Random): Shopper {
  if (shoppers.length > 0 && chance(random, 0.45)) {
    const known = at(shoppers, shoppers.length - 1 - Math.floor(shoppers.length * random.uniform() ** 2));
    if (known.lastDay < day) return known;
  }
  const shopper = createShopper(shoppers.length + 1, day, catalogue, random);
  shoppers.push(shopper);
  return shopper;
}

function toItem(product: Product, catalogue: Catalogue): SimulatedItem {
  const { plan } = at(catalogue.categories, product.category);
  return {
    itemId: product.itemId,
    title: product.title,
    price: product.price,
    currency: CURRENCY,
    categories: [plan.department, plan.name],
    available: true,
    attributes: { brand: product.brand, color: product.style },
  };
}

function toEvent(
  { type, products, at: time, shopper }: TimedAction,
  eventId: string,
  catalogue: Catalogue,
): SimulatedEvent {
  const chosen = products.map((index) => at(catalogue.products, index));
  const event: SimulatedEvent = {
    eventId,
    type,
    visitorId: shopper.visitorId,
    ...(shopper.userId === undefined ? {} : { userId: shopper.userId }),
    occurredAt: new Date(time).toISOString(),
  };
  switch (type) {
    case 'search':
      return event;
    case 'impression':
      return { ...event, items: chosen.map(({ itemId }, place) => ({ itemId, position: place + 1 })) };
    case 'purchase':
      return {
        ...event,
        items: chosen.map(({ itemId, price }) => ({ itemId, quantity: 1, price })),
        currency: CURRENCY,
        orderId: `order-${eventId}`,
      };
    default:
      return { ...event, itemId: at(chosen, 0).itemId };
  }
}
