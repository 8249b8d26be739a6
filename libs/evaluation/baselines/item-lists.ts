import type { Ranker } from '../protocol.js';

/** How many items a baseline keeps in a list: more than any cutoff in use, and few enough to hold for every item. */
export const LIST_LENGTH = 100;

/** Adds up scores of items; only those that got one cost anything. */
export class ItemScores {
  private readonly scores: Float64Array;
  private readonly scored: Int32Array;
  private count = 0;

  constructor(itemCount: number) {
    this.scores = new Float64Array(itemCount + 1);
    this.scored = new Int32Array(itemCount);
  }

  /** @param score Above 0. */
  add(item: number, score: number): void {
    const sum = this.scores[item] as number;
    if (sum === 0) this.scored[this.count++] = item;
    this.scores[item] = sum + score;
  }

  /** The items with the highest scores, best first, equal scores by the lower index; all scores are 0 again afterwards. */
  takeBest(length: number): Int32Array {
    const { scores } = this;
    const items = this.scored.subarray(0, this.count);
    items.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
    const best = items.slice(0, length);
    for (const item of items) scores[item] = 0;
    this.count = 0;
    return best;
  }
}

/**
 * Answers with a list that belongs to the newest item of the prefix; empty where that item has none.
 * Builds a list of at most `LIST_LENGTH` items for each item beforehand.
 * @param score Adds the scores of the items that go with one item.
 */
export function listsByNewestItem(
  itemCount: number,
  score: (item: number, scores: ItemScores) => void,
): Ranker<number> {
  const lists = listOfEach(itemCount, score);
  const none = new Int32Array();
  return (prefixes) => Promise.resolve(prefixes.map((prefix) => lists[(prefix.at(-1) ?? 0) - 1] ?? none));
}

/** Apart from the ranker, which would keep all that `score` looks at, some bytes a click, for as long as it is asked. */
function listOfEach(itemCount: number, score: (item: number, scores: ItemScores) => void): readonly Int32Array[] {
  const scores = new ItemScores(itemCount);
  return Array.from({ length: itemCount }, (_, place) => {
    score(place + 1, scores);
    return scores.takeBest(LIST_LENGTH);
  });
}
