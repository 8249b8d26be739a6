import type { Random } from '#domain';
import { at, chance, pick, weighted } from './choices.js';
import { BRANDS, CATEGORY_PLANS, SERIES, STYLES, type CategoryPlan } from './taxonomy.js';

/** An item as the simulation knows it. */
export interface Product {
  /** Its place in `Catalogue.products`. */
  readonly index: number;
  readonly itemId: string;
  readonly title: string;
  /** Euros, two decimals. */
  readonly price: number;
  /** Place in `Catalogue.categories`. */
  readonly category: number;
  readonly brand: string;
  readonly style: string;
  /** How sought after it is within its category, all days taken together; the first of them most. */
  readonly appeal: number;
  /** Day of the simulation on which it was new; negative for most. */
  readonly releasedOn: number;
  /** Days of the simulation on which it is on sale, the second no longer. In a shop that does not change these are all. */
  readonly onSale: readonly [from: number, until: number];
  /** [days], how much more it is sought after than without drift; empty in a shop that does not change. */
  readonly trend: readonly number[];
  /** Where in its ups and downs it is on day 0, 0 to 1. */
  readonly phase: number;
  /** Indexes of the accessories that go with it. */
  readonly accessories: readonly number[];
}

/** A category with what is in it. */
export interface Category {
  readonly plan: CategoryPlan;
  /** Indexes into `Catalogue.products`. */
  readonly products: readonly number[];
  /** How sought after it is, all shoppers taken together. */
  readonly appeal: number;
  /** [days], how much more it draws everybody than without drift; empty in a shop that does not change. */
  readonly trend: readonly number[];
}

/** What the simulated shop sells. */
export interface Catalogue {
  readonly products: readonly Product[];
  readonly categories: readonly Category[];
}

/** Days in which an item's popularity goes up and down once. */
const SWING_DAYS = 11;

/**
 * Makes a catalogue of about `size` items over all categories.
 * @param days Length of the simulated period: some items appear only within it.
 */
export function createCatalogue(size: number, days: number, random: Random): Catalogue {
  const shares = CATEGORY_PLANS.map(() => 0.5 + random.uniform());
  const scale = size / shares.reduce((sum, share) => sum + share, 0);
  const drafts: Omit<Product, 'accessories'>[] = [];
  const categories = CATEGORY_PLANS.map((plan, category) => {
    const count = Math.max(2, Math.round(at(shares, category) * scale));
    const made = createProducts(plan, category, { count, from: drafts.length, days, random });
    drafts.push(...made);
    return { plan, products: made.map((product) => product.index), appeal: Math.exp(random.normal()), trend: [] };
  });
  const byName = new Map(categories.map((category) => [category.plan.name, category]));
  const products = drafts.map((draft) => ({
    ...draft,
    accessories: at(categories, draft.category).plan.accessories.flatMap((name) =>
      matchAccessories(draft, byName.get(name)?.products ?? [], drafts, random),
    ),
  }));
  return { products, categories };
}

/** Whether a product may be visited on a day. */
export const isOnSale = ({ onSale: [from, until] }: Product, day: number): boolean => day >= from && day < until;

/** How much a product is looked for on a day (0 before its release, and once it is gone). */
export function heat(product: Product, day: number): number {
  if (day < product.releasedOn || !isOnSale(product, day)) return 0;
  const age = day - product.releasedOn;
  const novelty = product.releasedOn >= 0 ? 1 + 2 * Math.exp(-age / 3) : 1;
  const swing = Math.exp(0.9 * Math.sin(2 * Math.PI * (day / SWING_DAYS + product.phase)));
  return product.appeal * novelty * swing * (product.trend[day] ?? 1);
}

interface Production {
  readonly count: number;
  readonly from: number;
  readonly days: number;
  readonly random: Random;
}

function createProducts(
  plan: CategoryPlan,
  category: number,
  { count, from, days, random }: Production,
): Omit<Product, 'accessories'>[] {
  const brands = Array.from({ length: 7 }, () => pick(random, BRANDS));
  return Array.from({ length: count }, (_, place) => {
    const index = from + place;
    const brand = pick(random, brands);
    const style = pick(random, STYLES);
    const model = `${pick(random, SERIES)} ${10 + random.integer(90)}`;
    return {
      index,
      itemId: `sku-${String(index + 1).padStart(4, '0')}`,
      title: `${brand} ${model} ${plan.noun}, ${style}`,
      price: Math.max(1, Math.round(plan.price * Math.exp(0.5 * random.normal()) * 100)) / 100,
      category,
      brand,
      style,
      // Zipf's law with a little noise: a few sell most, and not the same for everybody.
      appeal: (1 / (place + 1) ** 0.9) * Math.exp(0.5 * random.normal()),
      releasedOn: chance(random, 0.06) ? random.integer(days) : -1,
      phase: random.uniform(),
      onSale: [-Infinity, Infinity],
      trend: [],
    };
  });
}

/** Two accessories of a category for a product: rather of its own brand and style. */
function matchAccessories(
  main: Omit<Product, 'accessories'>,
  candidates: readonly number[],
  products: readonly Omit<Product, 'accessories'>[],
  random: Random,
): number[] {
  const weights = candidates.map((index) => {
    const product = at(products, index);
    return product.appeal * (product.brand === main.brand ? 6 : 1) * (product.style === main.style ? 3 : 1);
  });
  const chosen = new Set<number>();
  while (chosen.size < Math.min(2, candidates.length)) chosen.add(at(candidates, weighted(random, weights)));
  return [...chosen];
}
