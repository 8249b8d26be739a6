import type { Random } from '#domain';
import { at, chance, pick, weighted } from './choices.js';
import { heat, isOnSale, type Catalogue, type Product } from './catalogue.js';
import { tastesOn, type Habit, type Shopper } from './shopper.js';

/** One thing that happens in a visit; `offset` is milliseconds since the visit began. */
export interface Action {
  readonly offset: number;
  readonly type: 'search' | 'impression' | 'view' | 'add_to_cart' | 'remove_from_cart' | 'purchase';
  /** Indexes of the products concerned; none for a search. */
  readonly products: readonly number[];
}

/** Items shown in a list at once. */
const LIST_LENGTH = 8;
/** No pause within a visit is longer; well below the 30 minutes that part two visits. */
const LONGEST_PAUSE_MS = 10 * 60_000;

/** Where a visit is, and what it has seen so far. */
interface Course {
  readonly shopper: Shopper;
  readonly day: number;
  readonly viewed: number[];
  category: number;
  /** The item of the main category that an accessory would be for. */
  considered: number | undefined;
}

/** What one shopper does in one visit on a day; at least one view, oldest first. */
export function createVisit(shopper: Shopper, day: number, catalogue: Catalogue, random: Random): Action[] {
  const course: Course = { shopper, day, viewed: [], category: 0, considered: undefined };
  const actions: Action[] = [];
  const cart: number[] = [];
  let offset = 0;
  const add = (type: Action['type'], products: readonly number[]): void => {
    actions.push({ offset, type, products });
    offset += pause(type, random);
  };

  const first = arrive(course, catalogue, random);
  if (chance(random, 0.25)) add('search', []);
  add('impression', listing(course, catalogue));
  let product = first;
  do {
    const seenBefore = course.viewed.includes(product);
    add('view', [product]);
    course.viewed.push(product);
    if (chance(random, seenBefore ? 0.25 : 0.06)) {
      add('add_to_cart', [product]);
      cart.push(product);
    }
    product = nextProduct(course, product, catalogue, random);
  } while (chance(random, 0.82));
  if (cart.length > 0 && chance(random, 0.12)) add('remove_from_cart', cart.splice(random.integer(cart.length), 1));
  if (cart.length > 0 && chance(random, 0.5)) add('purchase', [...new Set(cart)]);

  shopper.lastDay = day;
  shopper.lastProduct = at(course.viewed, course.viewed.length - 1);
  return actions;
}

/** The first item: often the one that the last visit ended on, else something of a category that the shopper likes. */
function arrive(course: Course, catalogue: Catalogue, random: Random): number {
  const { shopper, day } = course;
  const last = shopper.lastProduct === undefined ? undefined : at(catalogue.products, shopper.lastProduct);
  if (last && isOnSale(last, day) && chance(random, 0.35)) {
    course.category = last.category;
    course.considered = last.index;
    return last.index;
  }
  return enter(course, weighted(random, tastesOn(day, shopper, catalogue)), catalogue, random);
}

/** Goes to a category and picks what is sought after in it. */
function enter(course: Course, category: number, catalogue: Catalogue, random: Random): number {
  course.category = category;
  const { products } = at(catalogue.categories, category);
  const weights = products.map((index) => {
    const product = at(catalogue.products, index);
    return isOnSale(product, course.day) ? heat(product, course.day) + 1e-9 : 0;
  });
  const chosen = at(products, weighted(random, weights));
  course.considered = chosen;
  return chosen;
}

/** The next item after `current`: compare, an accessory, elsewhere, or on through the category by habit. */
function nextProduct(course: Course, current: number, catalogue: Catalogue, random: Random): number {
  const before = course.viewed.filter((index) => index !== current);
  if (before.length > 0 && chance(random, 0.13)) return at(before, Math.max(0, before.length - 1 - random.integer(2)));

  const accessories = (
    course.considered === undefined ? [] : at(catalogue.products, course.considered).accessories
  ).filter((index) => isOnSale(at(catalogue.products, index), course.day));
  if (accessories.length > 0 && course.viewed.length >= 2 && chance(random, 0.16)) {
    const chosen = pick(random, accessories);
    course.category = at(catalogue.products, chosen).category;
    return chosen;
  }
  if (chance(random, 0.06)) {
    return enter(course, weighted(random, tastesOn(course.day, course.shopper, catalogue)), catalogue, random);
  }
  return browse(course, current, catalogue, random);
}

/** On through the category, by the shopper's habit. */
function browse(course: Course, current: number, catalogue: Catalogue, random: Random): number {
  const from = at(catalogue.products, current);
  const { products } = at(catalogue.categories, course.category);
  const weights = products.map((index) => {
    const product = at(catalogue.products, index);
    if (index === current || !isOnSale(product, course.day)) return 0;
    const fresh = course.viewed.includes(index) ? 0.15 : 1;
    return fresh * Math.sqrt(heat(product, course.day)) * fit(course.shopper.habit, from, product) + 1e-9;
  });
  const chosen = at(products, weighted(random, weights));
  if (at(catalogue.products, chosen).accessories.length > 0) course.considered = chosen;
  return chosen;
}

/** How well a product suits a habit, coming from another. */
function fit(habit: Habit, from: Product, to: Product): number {
  const step = Math.log(to.price / from.price);
  const near = Math.exp(-Math.abs(step) / 0.35);
  switch (habit) {
    case 'brand':
      return (to.brand === from.brand ? 30 : 1) * near;
    case 'style':
      return (to.style === from.style ? 30 : 1) * near;
    case 'cheaper':
      return step < 0 ? 5 * Math.exp(step / 0.12) : 0.1;
    case 'dearer':
      return step > 0 ? 5 * Math.exp(-step / 0.12) : 0.1;
    case 'popular':
      return to.appeal;
  }
}

/** The head of the category's list, most sought after first. */
function listing(course: Course, catalogue: Catalogue): number[] {
  return at(catalogue.categories, course.category)
    .products.filter((index) => isOnSale(at(catalogue.products, index), course.day))
    .sort((a, b) => heat(at(catalogue.products, b), course.day) - heat(at(catalogue.products, a), course.day))
    .slice(0, LIST_LENGTH);
}

/** Milliseconds until the next action. */
function pause(after: Action['type'], random: Random): number {
  const median = after === 'view' ? 35_000 : 4_000;
  return Math.round(Math.min(LONGEST_PAUSE_MS, Math.max(500, median * Math.exp(0.8 * random.normal()))));
}
