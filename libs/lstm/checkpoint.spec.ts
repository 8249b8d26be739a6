import { describe, expect, it } from 'vitest';
import { Random, type EncodedSessions } from '#domain';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import type { TrainingCheckpoint } from './checkpoint.js';
import type { LstmModel } from './parameters.js';
import type { LstmRecipe } from './recipe.js';
import { Trainer, trainLstm } from './train.js';

const ITEMS = 40;
const recipe: Partial<LstmRecipe> = {
  dimensions: 8,
  maximumLength: 6,
  targetsPerBatch: 20,
  candidates: 30,
  epochs: 3,
  inputDropout: 0.2,
  readoutDropout: 0.2,
};

function sessionsOf(count: number, seed: number): EncodedSessions {
  const random = new Random(seed);
  const lists = Array.from({ length: count }, () =>
    Array.from({ length: 2 + random.integer(8) }, () => 1 + random.integer(ITEMS)),
  );
  return encodeSessions(lists, Array.from(lists.keys()));
}

const all = Int32Array.from({ length: ITEMS + 1 }, (_, item) => item);

interface Story {
  readonly model: LstmModel;
  readonly losses: readonly (readonly [epoch: number, loss: number])[];
  readonly checkpoints: readonly TrainingCheckpoint[];
}

/** A training with a checkpoint after every step. */
async function tell(changes: Partial<LstmRecipe>, checkpoint?: TrainingCheckpoint): Promise<Story> {
  const losses: [number, number][] = [];
  const checkpoints: TrainingCheckpoint[] = [];
  const model = await trainLstm(sessionsOf(120, 1), ITEMS, {
    recipe: { ...recipe, ...changes },
    seed: 3,
    threads: 1,
    checkpointing: {
      everySeconds: 0,
      write: (written) => Promise.resolve(void checkpoints.push(structuredClone(written))),
    },
    onEpoch: (epoch, loss) => Promise.resolve(void losses.push([epoch, loss])),
    ...(checkpoint && { resume: { checkpoint, rows: all } }),
  });
  return { model, losses, checkpoints };
}

describe('a training that goes on from a checkpoint', () => {
  it.each<[string, Partial<LstmRecipe>]>([
    ['shared negatives, cosine, Adam', {}],
    [
      'whole catalogue, dot product with bias, Adagrad',
      { candidates: 'all', score: 'dot', itemBias: true, optimiser: 'adagrad' },
    ],
  ])('makes the same network as without a break, to the bit: %s', async (_, changes) => {
    const whole = await tell(changes);
    const steps = whole.checkpoints.length;
    expect(steps).toBeGreaterThan(30);
    const first = whole.checkpoints.findIndex(({ position }) => position.epoch === 2);
    // In the first epoch, after its last step, in the middle of the second, before the last step, after it.
    for (const step of [3, first - 1, first + 4, steps - 2, steps - 1]) {
      const rest = await tell(changes, whole.checkpoints[step]);
      expect(rest.model).toEqual(whole.model);
      expect(rest.checkpoints.map(({ position }) => position)).toEqual(
        whole.checkpoints.slice(step + 1).map(({ position }) => position),
      );
      const { epoch } = whole.checkpoints[step]?.position ?? { epoch: NaN };
      expect(rest.losses).toEqual(whole.losses.slice(epoch - 1));
    }
  });

  it('writes none before its time but for the last', async () => {
    const written: number[] = [];
    await trainLstm(sessionsOf(50, 1), ITEMS, {
      recipe,
      seed: 1,
      checkpointing: {
        everySeconds: 3600,
        write: ({ position }) => Promise.resolve(void written.push(position.shareDone)),
      },
    });
    expect(written).toEqual([1]);
  });

  it('finds the items in the rows that they had, and gives new ones what they would begin with', async () => {
    const { checkpoints } = await tell({});
    const checkpoint = checkpoints[5] as TrainingCheckpoint;
    // Item 1 is new, the others moved by one; the last one is gone.
    const rows = all.map((item) => Math.max(0, item - 1));
    const options = { recipe: { ...recipe, epochs: 1 }, seed: 9, threads: 1 };
    const fresh = new Trainer(sessionsOf(60, 2), ITEMS, options);
    const begun = fresh.model().itemEmbeddings.slice(8, 16);
    await fresh.release();
    const last: TrainingCheckpoint = { ...checkpoint, position: { ...checkpoint.position, epoch: 2 } };
    const { itemEmbeddings } = await trainLstm(sessionsOf(60, 2), ITEMS, {
      ...options,
      resume: { checkpoint: last, rows },
    });
    expect(itemEmbeddings.slice(8, 16)).toEqual(begun);
    expect(itemEmbeddings.slice(16)).toEqual(checkpoint.itemArrays.get('embeddings')?.slice(8, -8));
  });

  it('refuses one of another network', async () => {
    const { checkpoints } = await tell({});
    await expect(tell({ dimensions: 6 }, checkpoints[0])).rejects.toMatchObject({ code: 'checkpoint_unfit' });
    await expect(tell({ optimiser: 'adagrad' }, checkpoints[0])).rejects.toThrow('/memory-1" is too much');
    await expect(tell({}, { ...(checkpoints[0] as TrainingCheckpoint), arrays: new Map() })).rejects.toThrow(
      'its "inputWeights" is missing',
    );
  });
});
