import { kthLargest } from './kth-largest.js';
import { MAXIMUM_LENGTH, type SessionTable } from './session-table.js';
import type { NeighbourSettings } from './settings.js';

/** Older items of a session are not looked at; with the default decay they would weigh e^-17 of the newest. */
const NEWEST_ITEMS = 20;
const DAY_MS = 86_400_000;

/**
 * The newest sessions that share an item with a visitor's, and how similar they are. They are found by merging the
 * items' postings from the newest on, which ends at the bound and never reads further. The arrays are used again.
 */
export class Candidates {
  /** The newest first. */
  private readonly sessions: Int32Array;
  private readonly similarities: Float64Array;
  private readonly unordered: Float64Array;
  private readonly lastShared: Int32Array;
  private count = 0;

  // The visitor's items, each once, the newest first: their weights and what is left of their postings.
  private readonly items = new Int32Array(NEWEST_ITEMS);
  private readonly weights = new Float64Array(NEWEST_ITEMS);
  private readonly next = new Int32Array(NEWEST_ITEMS);
  private readonly end = new Int32Array(NEWEST_ITEMS);
  /** The session that `next` points to; -1 at the end. */
  private readonly head = new Int32Array(NEWEST_ITEMS);
  private itemCount = 0;

  /** What a session of so many items has its similarity multiplied by. */
  private readonly lengthFactors: Float64Array;

  constructor(
    private readonly table: SessionTable,
    private readonly settings: NeighbourSettings,
  ) {
    const bound = Math.min(settings.candidates, table.endedAt.length);
    this.sessions = new Int32Array(bound);
    this.similarities = new Float64Array(bound);
    this.unordered = new Float64Array(bound);
    this.lastShared = new Int32Array(bound);
    this.lengthFactors = Float64Array.from(
      { length: MAXIMUM_LENGTH + 1 },
      (_, length) => length ** -settings.lengthPower,
    );
  }

  /**
   * Visits the neighbours, that is the most similar candidates, the newest first; of equals the newer ones are taken.
   * @param session items, oldest first
   * @param visit is told a neighbour, its similarity (only ratios mean something) and the newest item that it shares
   */
  forEachNeighbour(
    session: ArrayLike<number>,
    visit: (neighbour: number, similarity: number, sharedItem: number) => void,
  ): void {
    this.weighItems(session);
    this.merge();
    this.weighSessions();
    const { count, similarities } = this;
    let least = 0;
    let room = count;
    if (count > this.settings.neighbours) {
      this.unordered.set(similarities.subarray(0, count));
      least = kthLargest(this.unordered.subarray(0, count), this.settings.neighbours);
      room = this.settings.neighbours;
      for (let i = 0; i < count; i++) if ((similarities[i] as number) > least) room--;
    }
    for (let i = 0; i < count; i++) {
      const similarity = similarities[i] as number;
      if (similarity < least || (similarity === least && room-- <= 0)) continue;
      visit(this.sessions[i] as number, similarity, this.lastShared[i] as number);
    }
  }

  private weighItems(session: ArrayLike<number>): void {
    const { itemCount, postingOffsets, postings, endedAt } = this.table;
    const { positionDecay, rarity } = this.settings;
    let found = 0;
    let newestPlace = -1;
    for (let place = session.length - 1; place >= Math.max(0, session.length - NEWEST_ITEMS); place--) {
      const item = session[place] as number;
      if (!(item >= 1 && item <= itemCount) || this.items.subarray(0, found).includes(item)) continue;
      const from = postingOffsets[item] as number;
      const end = postingOffsets[item + 1] as number;
      if (from === end) continue;
      if (found === 0) newestPlace = place;
      this.items[found] = item;
      this.weights[found] =
        Math.exp(-(newestPlace - place) / positionDecay) * Math.log(1 + endedAt.length / (end - from)) ** rarity;
      this.next[found] = from;
      this.end[found] = end;
      this.head[found] = postings[from] as number;
      found++;
    }
    this.itemCount = found;
  }

  /** Leaves the sum of the shared items' weights as the similarity. */
  private merge(): void {
    const { sessions, similarities, lastShared, items, weights, next, end, head, itemCount } = this;
    const { postings } = this.table;
    let count = 0;
    while (count < sessions.length) {
      let newest = -1;
      for (let i = 0; i < itemCount; i++) if ((head[i] as number) > newest) newest = head[i] as number;
      if (newest < 0) break;
      let sum = 0;
      let last = 0;
      for (let i = 0; i < itemCount; i++) {
        if (head[i] !== newest) continue;
        if (last === 0) last = items[i] as number;
        sum += weights[i] as number;
        const place = (next[i] as number) + 1;
        next[i] = place;
        head[i] = place < (end[i] as number) ? (postings[place] as number) : -1;
      }
      sessions[count] = newest;
      similarities[count] = sum;
      lastShared[count] = last;
      count++;
    }
    this.count = count;
  }

  /** The lengths and the ages of the sessions join their similarities. */
  private weighSessions(): void {
    const { sessions, similarities, lengthFactors, count } = this;
    const { offsets, endedAt } = this.table;
    let newest = -Infinity;
    for (let i = 0; i < count; i++) newest = Math.max(newest, endedAt[sessions[i] as number] as number);
    const scale = 1 / (DAY_MS * this.settings.recencyDays);
    for (let i = 0; i < count; i++) {
      const session = sessions[i] as number;
      const length = (offsets[session + 1] as number) - (offsets[session] as number);
      const recency = Math.exp(((endedAt[session] as number) - newest) * scale);
      similarities[i] = (similarities[i] as number) * (lengthFactors[length] as number) * recency;
    }
  }
}
