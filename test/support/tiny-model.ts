import type { EncodedSessions } from '#domain';
import { exportServingModel, trainLstm } from '#lstm';
import { encodeVocabulary, MODEL_FILE, VOCABULARY_FILE, type ManifestDraft } from '#registry';

/** What the registry stores of a network that learnt to go round a ring of items. */
export interface RingModel {
  readonly draft: ManifestDraft;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The items in the order of the ring: each is followed by the next, the last by the first. */
  readonly itemIds: readonly string[];
}

const maximumLength = 8;

/** Trains a small network, within a second or so, on sessions that walk round `items` items named `ring-0`, `ring-1` ... */
export async function trainRingModel(items = 12, seed = 1): Promise<RingModel> {
  const itemIds = Array.from({ length: items }, (_, i) => `ring-${i}`);
  const model = await trainLstm(walks(items, 200, 5), items, {
    seed,
    threads: 1,
    recipe: { dimensions: 16, epochs: 30 },
  });
  return {
    itemIds,
    files: new Map([
      [MODEL_FILE, exportServingModel(model)],
      [VOCABULARY_FILE, encodeVocabulary(itemIds)],
    ]),
    draft: {
      trainingWindow: { from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
      counts: { sessions: 200, items, clicks: 1_000 },
      maximumLength,
      recipe: { ...model.recipe },
      seed,
      metrics: {},
    },
  };
}

/** Sessions of `length` steps round the ring, from every start in turn. */
function walks(items: number, sessions: number, length: number): EncodedSessions {
  const steps = Int32Array.from(
    { length: sessions * length },
    (_, i) => ((Math.floor(i / length) + (i % length)) % items) + 1,
  );
  return {
    items: steps,
    offsets: Int32Array.from({ length: sessions + 1 }, (_, session) => session * length),
    endedAt: Float64Array.from({ length: sessions }, (_, session) => 1_767_225_600_000 + session * 60_000),
  };
}
