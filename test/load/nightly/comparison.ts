import { encodeSessions } from '#dataset';
import { evaluateRankers, pairedDifference, type NamedRanker, type RankersEvaluation } from '#evaluation';
import type { Artefact } from '#registry';
import { ScoringModel } from '#scoring';
import type { SessionStore } from '#sessions';

const STORE = 'default';
const CUTOFF = 20;
const BATCH = 64;

/** In percent. */
interface Quality {
  readonly p20: number;
  readonly mrr20: number;
}

/** How two models did on the same predictions of one day that neither had seen. */
export interface Comparison {
  readonly cases: number;
  readonly promoted: Quality;
  readonly frozen: Quality;
  /** The least that the promoted model is ahead by, in points: the lower ends of the 95% intervals of the difference. */
  readonly leastAhead: Quality;
  /** The same where both models know the item that came: what is left without the new items. */
  readonly known: { readonly promoted: Quality; readonly frozen: Quality };
}

/** The sessions of a time, and what was not on sale then. */
export interface JudgedDay {
  readonly from: number;
  readonly until: number;
  readonly unavailable: readonly string[];
}

/** Judges two models of a store as they serve: with the blend, and without what is not on sale. */
export class ModelComparison {
  constructor(private readonly sessions: SessionStore) {}

  /** Every step but the first of every session of the day is a prediction, also of items that a model does not know: it misses them. */
  async compare(promoted: Artefact, frozen: Artefact, { from, until, unavailable }: JudgedDay): Promise<Comparison> {
    const models = await Promise.all([promoted, frozen].map(open));
    try {
      const itemIds = [...new Set(models.flatMap((model) => model.itemIds))];
      const indexes = new Map(itemIds.map((itemId, place) => [itemId, place + 1]));
      const { sessions } = await encodeSessions(this.sessions.streamForTraining(STORE, { from, until }), (itemId) => {
        const index = indexes.get(itemId) ?? itemIds.push(itemId);
        indexes.set(itemId, index);
        return index;
      });
      const names = ['promoted', 'frozen'] as const;
      const rankers = models.map((model, i) => ({
        name: names[i] ?? '',
        rank: rankerOf(model, itemIds, indexes, unavailable),
      }));
      const evaluation = await evaluateRankers({
        sessions,
        training: everyItemOnce(itemIds.length),
        itemCount: itemIds.length,
        rankers,
        cutoff: CUTOFF,
        batchSize: BATCH,
      });
      const isKnown = Uint8Array.from(
        [null, ...itemIds],
        (itemId) => +(itemId !== null && models.every((model) => model.indexOf(itemId) !== undefined)),
      );
      return comparisonOf(evaluation, (item) => isKnown[item] === 1);
    } finally {
      for (const model of models) await model.release();
    }
  }
}

const open = (artefact: Artefact): Promise<ScoringModel> => ScoringModel.ofArtefact(artefact, {});

/** What the cases are drawn from: without it the evaluation would leave out what nobody has learnt. */
const everyItemOnce = (itemCount: number) => ({
  items: Int32Array.from({ length: itemCount }, (_, place) => place + 1),
  offsets: Int32Array.of(0, itemCount),
  endedAt: Float64Array.of(0),
});

/** Asks a model in the item indexes of both. A session of which it knows nothing gets no answer. */
function rankerOf(
  model: ScoringModel,
  itemIds: readonly string[],
  indexes: ReadonlyMap<string, number>,
  unavailable: readonly string[],
): NamedRanker['rank'] {
  const own = new Int32Array(itemIds.length + 1);
  for (const [place, itemId] of itemIds.entries()) own[place + 1] = model.indexOf(itemId) ?? 0;
  const common = Int32Array.from([0, ...model.itemIds.map((itemId) => indexes.get(itemId) ?? 0)]);
  const barred = BigInt64Array.from(unavailable.flatMap((itemId) => model.indexOf(itemId) ?? []).map(BigInt));
  const count = Math.min(CUTOFF, model.itemIds.length - barred.length);
  return async (prefixes) => {
    const questions = prefixes.map((prefix) => prefix.map((item) => own[item] ?? 0).filter((item) => item > 0));
    const asked = questions.filter(({ length }) => length > 0);
    const answers =
      asked.length === 0
        ? []
        : await model.score(asked.map((items) => ({ items, excluded: [], alwaysExcluded: barred, count })));
    let next = 0;
    return questions.map(({ length }) => {
      if (length === 0) return [];
      return answers[next++]?.ids.map((id) => common[id] ?? 0) ?? [];
    });
  };
}

function comparisonOf({ judged }: RankersEvaluation, isKnown: (item: number) => boolean): Comparison {
  const { ranks, targets } = judged;
  const known = targets.map((item) => +isKnown(item));
  const quality = (name: string, counts: (index: number) => boolean): Quality => {
    const own = (ranks.get(name) ?? new Int32Array()).filter((_, index) => counts(index));
    const percent = (value: (rank: number) => number): number =>
      (100 * own.reduce((sum, rank) => sum + (rank > 0 ? value(rank) : 0), 0)) / own.length;
    return { p20: percent(() => 1), mrr20: percent((rank) => 1 / rank) };
  };
  const least = (measure: 'precision' | 'reciprocalRank'): number =>
    100 * pairedDifference(judged, ['promoted', 'frozen'], measure).low;
  const both = (counts: (index: number) => boolean) => ({
    promoted: quality('promoted', counts),
    frozen: quality('frozen', counts),
  });
  return {
    cases: targets.length,
    ...both(() => true),
    leastAhead: { p20: least('precision'), mrr20: least('reciprocalRank') },
    known: both((index) => known[index] === 1),
  };
}
