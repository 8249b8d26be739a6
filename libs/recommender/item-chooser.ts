import { Injectable, Logger } from '@nestjs/common';
import type { Recommendation, RepeatMode } from '#domain';
import { fillAnswer, type Finding } from './answer.js';
import { Assortment } from './assortment.js';
import { bestOf } from './candidates.js';
import { diversified } from './diversity.js';
import { PopularityTimer } from './popularity-timer.js';
import type { Question } from './question.js';
import { pinnedWithin, withPins, type Pinned } from './rules.js';
import type { Segment } from './segments.js';
import { Strategies } from './strategies/strategies.js';
import { isWanted, type Strategy, type Wish } from './strategies/strategy.js';
import type { Visit } from './visits.js';

/** Diversity chooses among so many candidates for each item, and among at least so many in all. */
const [poolPerItem, smallestPool] = [5, 100];

/** Chooses the items of an answer. */
@Injectable()
export class ItemChooser {
  private readonly logger = new Logger(ItemChooser.name);

  constructor(
    private readonly strategies: Strategies,
    private readonly popularity: PopularityTimer,
    private readonly assortment: Assortment,
  ) {}

  /**
   * In this order: what is excluded, hidden or not let through by a filter is out, before the best are chosen; then, for one strategy
   * after the other until the answer is full, boosts and buries on its scores, and diversity; then the pinned items.
   * @param taken not in the answer, because an earlier answer on the page has it
   */
  async choose(question: Question, visit: Visit, taken: Iterable<string>): Promise<Recommendation[]> {
    const { store, session, visitorId, deadline } = visit;
    this.popularity.keep(store);
    const { pins, hidden, weights } = question.rules;
    const sieve = { filters: question.filters, hidden, weights };
    const segments = await this.assortment.sorted(store, sieve, session.at(-1));
    const unavailable = await this.assortment.offSale(store);
    const excluded = new Set([...(await excludedBy(question, visit)), ...taken]);
    const mayBePinned = pins.filter(({ pin }) => mayCome(pin, segments, { excluded, unavailable }));
    const pinned = pinnedWithin(mayBePinned, question.count);
    for (const { item } of pinned) excluded.add(item);
    const wish = { store, session, visitorId, unavailable, deadline };
    const others = await fillAnswer(
      question.strategies.map((name) => this.strategies.named(name)),
      { count: question.count - pinned.length, excluded },
      question.diversity === 0 ? ranked(wish, segments) : await this.diverse(wish, segments, question.diversity),
      (strategy, error) => {
        this.tell(store, strategy, error);
      },
    );
    return pinned.length === 0 ? others : withPins(pinned.map(pinnedItem), others);
  }

  /** To be called when items were added, changed or removed, so that the next answer knows. */
  catalogueChanged(store: string): void {
    this.assortment.changed(store);
    this.strategies.catalogueChanged(store);
  }

  private async diverse(wish: CommonWish, segments: readonly Segment[], diversity: number): Promise<Finding> {
    const catalogue = await this.assortment.catalogue(wish.store);
    const categoriesOf = (itemId: string): readonly string[] => catalogue.item(itemId)?.categories ?? [];
    return async (strategy, count, excluded, before) => {
      const pool = Math.max(smallestPool, poolPerItem * count);
      const candidates = await bestOf(strategy, { ...wish, count: pool, excluded }, segments);
      const chosen = before.map(({ itemId }) => itemId);
      return diversified(candidates, count, diversity, categoriesOf, chosen);
    };
  }

  private tell(store: string, { source }: Strategy, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.logger.error(`No ${source} items for store ${store}: ${reason}`);
  }
}

/** What all strategies are asked alike. */
type CommonWish = Omit<Wish, 'count' | 'excluded' | 'selection'>;

function ranked(wish: CommonWish, segments: readonly Segment[]): Finding {
  return (strategy, count, excluded) => bestOf(strategy, { ...wish, count, excluded }, segments);
}

const pinnedItem = ({ item, position }: Pinned<string>): Pinned<Recommendation> => ({
  item: { itemId: item, score: 0, source: 'rule' },
  position,
});

function mayCome(
  itemId: string,
  segments: readonly Segment[],
  wish: { readonly excluded: ReadonlySet<string>; readonly unavailable: ReadonlySet<string> },
): boolean {
  return segments.some(({ selection }) => isWanted({ ...wish, selection }, itemId));
}

async function excludedBy(question: Question, visit: Visit): Promise<readonly string[]> {
  const { excludeCart, excludeBoughtDays } = question;
  return [
    ...barredBySession(visit.session, question.repeat),
    ...question.exclude,
    ...(excludeCart ? await visit.cart() : []),
    ...(excludeBoughtDays === undefined ? [] : await visit.bought(excludeBoughtDays)),
  ];
}

function barredBySession(session: readonly string[], repeat: RepeatMode): readonly string[] {
  if (repeat === 'all') return [];
  return repeat === 'none' ? session : session.slice(-1);
}
