import type { Random } from '#domain';
import { at, chance } from './choices.js';
import type { Catalogue, Category, Product } from './catalogue.js';
import { BRANDS, CATEGORY_PLANS, STYLES } from './taxonomy.js';

/** How a shop changes. */
export interface DriftOptions {
  /** Length of the simulated period. */
  readonly days: number;
  /** Above 0; 1 is a lively shop. */
  readonly strength: number;
}

/** Standard deviation of a day's step of the logarithm, at strength 1. */
const STEPS = { department: 0.18, category: 0.15, style: 0.2, brand: 0.16, product: 0.16 } as const;
/** Now and then something comes into fashion, or out of it, overnight: on so many days, by so many ordinary steps. */
const JUMP = { probability: 0.03, steps: 5 } as const;
/** What is left of the logarithm after a day: nothing grows for ever. */
const MEMORY = 0.97;
/** Share of the products that leave in a day, at strength 1; as many come. */
const TURNOVER = 0.0067;
const MOST_TURNOVER = 0.8;
/** Of each category so many products, the least sought after, never leave: there is always something to go on to. */
const STAYING = 3;

/** A catalogue whose tastes wander by chance, and whose products come and go. */
export function letDrift(catalogue: Catalogue, options: DriftOptions, random: Random): Catalogue {
  const wander = (kind: keyof typeof STEPS): number[] => walk(STEPS[kind], options, random);
  const departments = new Map(CATEGORY_PLANS.map(({ department }) => [department, wander('department')]));
  const styles = new Map(STYLES.map((style) => [style, wander('style')]));
  const brands = new Map(BRANDS.map((brand) => [brand, wander('brand')]));
  const categories = catalogue.categories.map((category): Category => ({
    ...category,
    trend: trendOf(departments.get(category.plan.department), wander('category')),
  }));
  const staying = new Set(categories.flatMap(({ products }) => products.slice(-STAYING)));
  const products = catalogue.products.map((product): Product => {
    const trend = trendOf(styles.get(product.style), brands.get(product.brand), wander('product'));
    return { ...product, trend, ...(staying.has(product.index) ? STAYS : comeOrGo(product, options, random)) };
  });
  return { products, categories };
}

const STAYS = { releasedOn: -1, onSale: [-Infinity, Infinity] } as const satisfies Partial<Product>;

/** [days], a random walk of the logarithm that starts at 0, with jumps. */
function walk(step: number, { days, strength }: DriftOptions, random: Random): number[] {
  let value = 0;
  return Array.from({ length: days }, () => {
    const now = value;
    const length = chance(random, JUMP.probability) ? JUMP.steps : 1;
    value = MEMORY * value + strength * step * length * random.normal();
    return now;
  });
}

/** [days], what walks make together. */
function trendOf(...walks: readonly (readonly number[] | undefined)[]): number[] {
  const [first = []] = walks;
  return first.map((_, day) => Math.exp(walks.reduce((sum, values = []) => sum + at(values, day), 0)));
}

/** When a product is on sale: some come, as many leave, most are there all the time. */
function comeOrGo(
  { releasedOn }: Product,
  { days, strength }: DriftOptions,
  random: Random,
): Pick<Product, 'releasedOn' | 'onSale'> {
  const share = Math.min(MOST_TURNOVER / 2, TURNOVER * strength * days);
  const fate = random.uniform();
  const day = 1 + random.integer(Math.max(1, days - 1));
  if (fate < share) return { releasedOn: day, onSale: [day, Infinity] };
  if (fate < 2 * share) return { releasedOn: -1, onSale: [-Infinity, day] };
  return { releasedOn, onSale: [releasedOn, Infinity] };
}
