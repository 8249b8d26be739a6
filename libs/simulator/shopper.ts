import type { Random } from '#domain';
import { at, chance, pick } from './choices.js';
import type { Catalogue } from './catalogue.js';

/**
 * What somebody goes by from one item to the next. It shows only over several clicks, so a model that sees a whole session
 * can know more than one that counts what follows the last item.
 */
const HABITS = ['brand', 'style', 'cheaper', 'dearer', 'popular'] as const;

export type Habit = (typeof HABITS)[number];

/** Somebody who comes to the shop, once or again and again. */
export interface Shopper {
  readonly visitorId: string;
  /** Set for those who sign in. */
  readonly userId?: string;
  readonly habit: Habit;
  /** [categories], how much each draws this person. */
  readonly tastes: readonly number[];
  /** The day of the last visit. */
  lastDay: number;
  /** Index of the product that the last visit ended on. */
  lastProduct?: number;
}

/** A new visitor; `number` makes the ids. */
export function createShopper(number: number, day: number, catalogue: Catalogue, random: Random): Shopper {
  const departments = new Map<string, number>();
  const tastes = catalogue.categories.map(({ plan, appeal }) => {
    const department = departments.get(plan.department) ?? Math.exp(1.4 * random.normal());
    departments.set(plan.department, department);
    return department * appeal * Math.exp(0.8 * random.normal());
  });
  const visitorId = `visitor-${number}`;
  const habit = pick(random, HABITS);
  const signsIn = chance(random, 0.3);
  return { visitorId, habit, tastes, lastDay: day, ...(signsIn ? { userId: `user-${number}` } : {}) };
}

/** [categories], how much each draws a shopper on a day. */
export function tastesOn(day: number, { tastes }: Shopper, { categories }: Catalogue): number[] {
  return tastes.map((taste, category) => taste * (at(categories, category).trend[day] ?? 1));
}
