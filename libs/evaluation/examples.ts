import type { JudgedCase, JudgedCases } from './judge.js';

/** Of how many cases the answers are kept to choose from. */
const CANDIDATES = 120;
const EXAMPLES = 12;
const RECOMMENDED = 6;

/** A case to show, with the first ranker's answer; items are indexes. */
export interface ExampleIndexes {
  /** Oldest first. */
  readonly seen: readonly number[];
  readonly target: number;
  /** From 1; null when the target was not among the first k. */
  readonly rank: number | null;
  /** The first few, best first. */
  readonly recommended: readonly number[];
}

/** Chooses cases to show: spread evenly over all sessions, at most one of each, half of them hits where there are enough. */
export class ExampleCases {
  private readonly candidates = new Map<number, { each: JudgedCase; recommended: number[] }>();
  private lastSession = -1;

  /** @param cases How many there are in all. */
  constructor(private readonly cases: number) {}

  /** Keeps the answer if the case is one of those to choose from. To be called case by case, in their order. */
  offer(each: JudgedCase, index: number, answer: ArrayLike<number>): void {
    const due = Math.floor((index * CANDIDATES) / this.cases) >= this.candidates.size;
    if (!due || each.session === this.lastSession || this.candidates.size === CANDIDATES) return;
    this.lastSession = each.session;
    this.candidates.set(index, { each, recommended: Array.from(answer).slice(0, RECOMMENDED) });
  }

  /** The cases to show, the oldest session first, by the ranks in the first ranker's answers. */
  choose({ ranks }: JudgedCases): ExampleIndexes[] {
    const [first = new Int32Array()] = ranks.values();
    const indexes = [...this.candidates.keys()];
    const hits = indexes.filter((index) => first[index] !== 0);
    const misses = indexes.filter((index) => first[index] === 0);
    const fewer = Math.min(EXAMPLES / 2, hits.length, misses.length);
    const rest = EXAMPLES - fewer;
    const chosen =
      hits.length < misses.length
        ? [...spread(hits, fewer), ...spread(misses, rest)]
        : [...spread(hits, rest), ...spread(misses, fewer)];
    return chosen
      .sort((a, b) => a - b)
      .flatMap((index) => {
        const candidate = this.candidates.get(index);
        if (!candidate) return [];
        const { each, recommended } = candidate;
        const rank = first[index] as number;
        return [{ seen: each.prefix, target: each.target, rank: rank === 0 ? null : rank, recommended }];
      });
  }
}

/** At most `count` of the values, evenly spaced. */
function spread(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, place) => values[Math.floor(((place + 0.5) * values.length) / count)] ?? 0);
}
