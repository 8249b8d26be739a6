import type { EncodedSessions } from '#domain';
import { Candidates } from './candidates.js';
import { Evidence, type Suggestions } from './evidence.js';
import { decodeIndex, encodeIndex } from './file-format.js';
import { buildSessionTable, MAXIMUM_LENGTH, type SessionTable } from './session-table.js';
import { defaultNeighbourSettings, type NeighbourSettings } from './settings.js';

/**
 * Past sessions, asked for the next item of a new one: those most similar to it, its neighbours, vote for their items.
 *
 * This is VSTAN (Ludewig, Mauro, Latifi and Jannach, "Empirical analysis of session-based recommendation algorithms",
 * User Modeling and User-Adapted Interaction 31, 2021; its code: https://github.com/rn5l/session-rec,
 * `algorithms/knn/vstan.py`). It joins two methods: V-SKNN (Ludewig and Jannach, "Evaluation of session-based
 * recommendation algorithms", 2018) weighs newer items of the visitor's session more in the similarity and knows of rare
 * items; STAN (Garg, Gupta, Malhotra, Vig and Shroff, "Sequence and time aware neighborhood for session-based
 * recommendations", SIGIR 2019) weighs a neighbour by its age, and its items by their distance to the shared one.
 *
 * With w(x) the weight of the visitor's item x, a neighbour n that ended on day t and whose last shared item is at
 * place p (the newest item of the visitor's that it has; where it has that more than once, the last time):
 *
 *     w(x)          = e^(-steps from x to the newest item / positionDecay) * ln(1 + sessions / sessions with x)^rarity
 *     similarity(n) = sum of w(x) over the shared items / length(n)^lengthPower * e^((t - newest t) / recencyDays)
 *     score(y)      = sum over neighbours and their places q with item y of similarity(n)^similarityPower * d(q - p)
 *     d(k)          = e^(-(k - 1) / distanceDecay); of -k the same times backward; d(0) = sharedItemWeight
 *
 * What VSTAN has otherwise: rare items count in the score (times 1 + lambda * idf), not in the similarity; the similarity
 * is the cosine of sets, so lengthPower is 0.5 over different items, and it counts as it is; distances are taken from the
 * last shared item in the neighbour's order, alike on both sides, and an item counts once, at its last place; the score is
 * also times the position weight of the newest shared item. On held-out days of three public data sets a rarity above 1
 * was better on all three; lengthPower, backward and similarityPower each on two, which is why they are tuned.
 */
export class NeighbourIndex {
  private readonly candidates: Candidates;
  /** What an item of a neighbour counts at a distance from the last shared one, at that distance + MAXIMUM_LENGTH. */
  private readonly distanceWeights: Float64Array;

  private constructor(
    readonly settings: NeighbourSettings,
    private readonly table: SessionTable,
    private readonly evidence: Evidence,
  ) {
    this.candidates = new Candidates(table, settings);
    this.distanceWeights = Float64Array.from({ length: 2 * MAXIMUM_LENGTH + 1 }, (_, place) => {
      const distance = place - MAXIMUM_LENGTH;
      if (distance === 0) return settings.sharedItemWeight;
      return Math.exp(-(Math.abs(distance) - 1) / settings.distanceDecay) * (distance < 0 ? settings.backward : 1);
    });
  }

  /**
   * Takes the newest 2,000,000 sessions, and of each the newest 200 items.
   * @param itemCount item indexes run from 1 to this
   * @param settings in their ranges, see {@link completeNeighbourSettings}
   */
  static build(
    sessions: EncodedSessions,
    itemCount: number,
    settings: NeighbourSettings = defaultNeighbourSettings,
  ): NeighbourIndex {
    return new NeighbourIndex(settings, buildSessionTable(sessions, itemCount), new Evidence(itemCount));
  }

  /**
   * Reads what {@link encode} wrote. The index looks into the bytes, so they must not change; they are copied only if
   * they do not begin at a multiple of 8 of their buffer.
   * @throws DomainError `neighbours_unusable` when they are something else, of another version, or damaged
   */
  static decode(bytes: Uint8Array): NeighbourIndex {
    const { settings, table } = decodeIndex(bytes);
    return new NeighbourIndex(settings, table, new Evidence(table.itemCount));
  }

  /** Item indexes run from 1 to this. */
  get itemCount(): number {
    return this.table.itemCount;
  }

  /** The sessions and the settings as one file, see {@link encodeIndex}. */
  encode(): Uint8Array {
    return encodeIndex(this.table, this.settings);
  }

  /** The same sessions, not copied, with other settings; of all that share them only one may answer at a time. */
  withSettings(settings: NeighbourSettings): NeighbourIndex {
    return new NeighbourIndex(settings, this.table, this.evidence);
  }

  /**
   * What comes next in a session.
   * @param session item indexes, oldest first; unknown ones say nothing, and so do all but the newest 20
   * @param count how many items at most, from 0
   * @returns nothing where no past session shares an item. The session's own items are not left out.
   */
  suggest(session: ArrayLike<number>, count: number): Suggestions {
    const { evidence, distanceWeights } = this;
    const { items, offsets } = this.table;
    this.candidates.forEachNeighbour(session, (neighbour, similarity, sharedItem) => {
      const start = offsets[neighbour] as number;
      const end = offsets[neighbour + 1] as number;
      let shared = end - 1;
      while (shared > start && items[shared] !== sharedItem) shared--;
      const say = similarity ** this.settings.similarityPower;
      for (let place = start; place < end; place++)
        evidence.add(items[place] as number, say * (distanceWeights[place - shared + MAXIMUM_LENGTH] as number));
    });
    return evidence.take(count);
  }
}
