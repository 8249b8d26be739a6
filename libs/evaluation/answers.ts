import { DomainError } from '#domain';
import type { Measure } from './report.js';

/** The categories of each item, by item index; an item without any, or past the end, is left out of the diversity. */
export type ItemCategories = readonly (readonly number[] | undefined)[];

/** What the answers of one ranker have in common, whatever the targets were. */
export class AnswerCounts {
  /** [items + 1], how often each item was among the first `cutoff` of an answer. */
  readonly recommended: Float64Array;
  private diversity = 0;
  private diverseAnswers = 0;

  constructor(
    private readonly itemCount: number,
    private readonly cutoff: number,
    private readonly categories: ItemCategories,
  ) {
    this.recommended = new Float64Array(itemCount + 1);
  }

  /**
   * Counts one answer.
   * @throws DomainError `item_unknown` when it has an index that is no item.
   */
  add(answer: ArrayLike<number>): void {
    const end = Math.min(this.cutoff, answer.length);
    for (let place = 0; place < end; place++) {
      const item = answer[place] as number;
      const count = item === 0 ? undefined : this.recommended[item];
      if (count === undefined) throw this.unknown(item);
      this.recommended[item] = count + 1;
    }
    const share = shareOfPairsApart(answer, end, this.categories);
    if (share === undefined) return;
    this.diversity += share;
    this.diverseAnswers++;
  }

  /**
   * A measure is absent where there is nothing to take its mean of.
   * @param clicks [items + 1], training clicks by item index; an item without any is as novel as one with one click.
   * @param popularityRanks [items + 1]
   */
  measures(clicks: Float64Array, popularityRanks: Float64Array): Partial<Record<Measure, number>> {
    const allClicks = clicks.reduce((sum, count) => sum + count, 0);
    let total = 0;
    let different = 0;
    let popularity = 0;
    let novelty = 0;
    for (const [item, count] of this.recommended.entries()) {
      if (count === 0) continue;
      different++;
      total += count;
      popularity += count * (popularityRanks[item] as number);
      novelty += count * Math.log2(allClicks / Math.max(1, clicks[item] as number));
    }
    return {
      coverage: different / this.itemCount,
      ...(total > 0 && { popularity: popularity / total, novelty: novelty / total }),
      ...(this.diverseAnswers > 0 && { diversity: this.diversity / this.diverseAnswers }),
    };
  }

  private unknown(item: number): DomainError {
    return new DomainError(
      'internal',
      'item_unknown',
      `A ranker recommended item ${item}; items are whole numbers from 1 to ${this.itemCount}`,
      { item },
    );
  }
}

/**
 * The share of pairs among the first `end` items of an answer that have no category in common, of those pairs whose categories are
 * both known; undefined when there is none. (Intra-list distance: Ziegler et al., Improving Recommendation Lists Through Topic
 * Diversification, 2005, with a distance of 0 or 1.)
 */
function shareOfPairsApart(answer: ArrayLike<number>, end: number, categories: ItemCategories): number | undefined {
  let pairs = 0;
  let apart = 0;
  for (let first = 0; first < end; first++) {
    const own = categories[answer[first] as number];
    if (!own?.length) continue;
    for (let second = first + 1; second < end; second++) {
      const other = categories[answer[second] as number];
      if (!other?.length) continue;
      pairs++;
      if (!haveCommon(own, other)) apart++;
    }
  }
  return pairs === 0 ? undefined : apart / pairs;
}

function haveCommon(own: readonly number[], other: readonly number[]): boolean {
  for (const category of own) if (other.includes(category)) return true;
  return false;
}
