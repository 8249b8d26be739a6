import { neutralBlend } from '#blend';
import type { EncodedSessions } from '#domain';
import { exportServingModel, trainLstm, type LstmModel } from '#lstm';
import { NeighbourIndex } from '#neighbours';
import type { ManifestDraft } from '#registry';
import { modelFiles } from '#scoring';

/** What the registry stores of a network that learnt to go round a ring of items. */
export interface RingModel {
  readonly draft: ManifestDraft;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The items in the order of the ring: each is followed by the next, the last by the first. */
  readonly itemIds: readonly string[];
}

const maximumLength = 8;

/** Trains a small network, within a second or so, on sessions that walk round items 1 to `items`. */
export async function trainRing(
  items = 12,
  seed = 1,
): Promise<{ readonly sessions: EncodedSessions; readonly network: LstmModel }> {
  const sessions = walks(items, 200, 5);
  return {
    sessions,
    network: await trainLstm(sessions, items, { seed, threads: 1, recipe: { dimensions: 16, epochs: 30 } }),
  };
}

/** A factor of 1 for each item: the probabilities as they are. */
export const noFactors = (items: number): Float32Array => new Float32Array(items + 1).fill(1);

/** {@link trainRing} with items named `ring-0`, `ring-1` ..., as files. */
export async function trainRingModel(items = 12, seed = 1): Promise<RingModel> {
  const itemIds = Array.from({ length: items }, (_, i) => `ring-${i}`);
  const { sessions, network } = await trainRing(items, seed);
  return {
    itemIds,
    files: modelFiles({
      network: exportServingModel(network, noFactors(items)),
      neighbours: NeighbourIndex.build(sessions, items),
      blend: neutralBlend,
      itemIds,
    }),
    draft: {
      trainingWindow: { from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
      counts: { sessions: 200, items, clicks: 1_000 },
      maximumLength,
      recipe: { ...network.recipe },
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
