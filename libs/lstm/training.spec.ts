import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Random, type EncodedSessions } from '#domain';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { askNetwork, openNetwork } from '../../test/support/exported-network.js';
import { expectClose } from '../../test/support/gradient-check.js';
import type { LstmModel } from './parameters.js';
import type { LstmRecipe } from './recipe.js';
import { Trainer, TrainingDivergedError, trainLstm } from './train.js';

const itemCount = 60;

/** Walks around a ring that mostly keep their direction: both neighbours of an item follow it equally often. */
function walks(count: number, seed: number): EncodedSessions {
  const random = new Random(seed);
  const items: number[] = [];
  const offsets = [0];
  for (let s = 0; s < count; s++) {
    let place = random.integer(itemCount);
    const direction = random.uniform() < 0.5 ? 1 : itemCount - 1;
    for (let length = 3 + random.integer(5); length > 0; length--) {
      items.push(1 + place);
      place = random.uniform() < 0.9 ? (place + direction) % itemCount : random.integer(itemCount);
    }
    offsets.push(items.length);
  }
  return { items: Int32Array.from(items), offsets: Int32Array.from(offsets), endedAt: new Float64Array(count) };
}

const small: Partial<LstmRecipe> = {
  dimensions: 16,
  maximumLength: 6,
  targetsPerBatch: 30,
  candidates: 40,
  epochs: 2,
  learningRate: 0.01,
  temperature: 14,
  inputDropout: 0.3,
  readoutDropout: 0.3,
};
const noDropout: Partial<LstmRecipe> = { inputDropout: 0, readoutDropout: 0 };

async function firstLosses(recipe: Partial<LstmRecipe>, count: number): Promise<number[]> {
  const trainer = new Trainer(walks(200, 1), itemCount, { recipe: { ...small, ...recipe }, seed: 5, threads: 1 });
  const losses: number[] = [];
  for (const batch of trainer.batcher.epoch(new Random(2)).slice(0, count)) losses.push(await trainer.step(batch, 0));
  await trainer.release();
  return losses;
}

/** Ten losses of the first steps of a small run with a fixed seed, as they were when the trainer was first right. */
const GOLDEN: Record<string, { recipe: Partial<LstmRecipe>; losses: number[] }> = {
  'shared negatives, cosine, attention': {
    recipe: {},
    losses: [8.89049, 8.97823, 8.58118, 8.93581, 7.312, 6.19019, 7.66775, 7.30138, 7.56992, 7.90342],
  },
  'whole catalogue, dot product with bias, LSTM alone, Adagrad': {
    recipe: { candidates: 'all', score: 'dot', itemBias: true, readout: 'none', optimiser: 'adagrad' },
    losses: [4.09374, 4.09628, 4.09674, 4.09446, 4.10122, 4.08686, 4.09169, 4.09343, 4.0945, 4.09681],
  },
};

describe('a training run', () => {
  it.each(Object.entries(GOLDEN))('%s: the losses of the golden run', async (_, { recipe, losses }) => {
    const found = await firstLosses(recipe, 10);
    expectClose(found, losses, 3);
  });

  it('is the same to the bit for the same seed on one thread', async () => {
    const train = (): Promise<LstmModel> => trainLstm(walks(200, 1), itemCount, { recipe: small, seed: 9, threads: 1 });
    const [first, second] = [await train(), await train()];
    expect(first.itemEmbeddings).toEqual(second.itemEmbeddings);
    expect(first.parameters).toEqual(second.parameters);
  });

  it.each<[string, Partial<LstmRecipe>]>([
    ['shared negatives', {}],
    ['whole catalogue', { candidates: 'all' }],
    ['dot product with bias', { score: 'dot', itemBias: true }],
    ['LSTM alone', { readout: 'none' }],
    ['Adagrad', { optimiser: 'adagrad', learningRate: 0.1 }],
  ])(
    'learns an order that counting cannot see (%s)',
    async (_, recipe) => {
      const model = await trainLstm(walks(1500, 1), itemCount, {
        recipe: { ...small, ...noDropout, epochs: 12, ...recipe },
        seed: 1,
      });
      const network = await openNetwork(model);
      const { items, offsets } = walks(200, 2);
      let hits = 0;
      let cases = 0;
      for (let s = 0; s + 1 < offsets.length; s++)
        for (let end = (offsets[s] ?? 0) + 2; end < (offsets[s + 1] ?? 0); end++) {
          const session = [...items.subarray(offsets[s], end)].slice(-6);
          const [[best] = []] = await askNetwork(network, [{ session }], 1);
          hits += Number(best?.id === items[end]);
          cases += 1;
        }
      await network.release();
      expect(hits / cases).toBeGreaterThan(0.65); // who only counts pairs gets 0.45
    },
    120_000,
  );

  it('tells how far it is', async () => {
    const seen: { targetsDone: number; targetsTotal: number; epoch: number }[] = [];
    await trainLstm(walks(50, 1), itemCount, {
      recipe: small,
      seed: 1,
      threads: 1,
      onProgress: (progress) => seen.push(progress),
    });
    const last = seen.at(-1);
    expect(last?.targetsDone).toBe(last?.targetsTotal);
    expect(last?.epoch).toBe(2);
  });

  it('tells the mean loss of each epoch once, with the network, and waits', async () => {
    const sessions = walks(50, 1);
    // Too slow to learn, so that the mean over all targets is the same in each epoch, whatever the order.
    const recipe = { ...small, candidates: 'all' as const, ...noDropout, learningRate: 1e-12, epochs: 3 };
    const heard: { epoch: number; loss: number; itemCount: number }[] = [];
    let listening = false;
    await trainLstm(sessions, itemCount, {
      recipe,
      seed: 1,
      threads: 1,
      onProgress: () => {
        expect(listening).toBe(false);
      },
      onEpoch: async (epoch, loss, model) => {
        listening = true;
        heard.push({ epoch, loss, itemCount: model.itemCount });
        await setImmediate();
        listening = false;
      },
    });
    const trainer = new Trainer(sessions, itemCount, { recipe, seed: 1, threads: 1 });
    let sum = 0;
    for (const batch of trainer.batcher.epoch(new Random(2))) sum += (await trainer.step(batch, 0)) * batch.targetCount;
    await trainer.release();
    expect(heard.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const { loss, itemCount: items } of heard) {
      expect(loss).toBeCloseTo(sum / trainer.batcher.targetCount, 4);
      expect(items).toBe(itemCount);
    }
  });

  it('stops at once when it is aborted', async () => {
    const abort = new AbortController();
    const run = trainLstm(walks(200, 1), itemCount, {
      recipe: small,
      seed: 1,
      signal: abort.signal,
      onProgress: () => {
        abort.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
  });

  it('refuses to learn from nothing', async () => {
    await expect(trainLstm(encodeSessions([]), 5, { seed: 1 })).rejects.toThrow('no session has two items');
    await expect(trainLstm(encodeSessions([[1], [2]]), 2, { seed: 1 })).rejects.toThrow('no session has two items');
    await expect(trainLstm(encodeSessions([[1, 1]]), 1, { seed: 1 })).rejects.toThrow('one item only');
  });

  it('ends with a clear error when the loss is no longer a number', async () => {
    const run = trainLstm(walks(200, 1), itemCount, {
      recipe: { ...small, score: 'dot', learningRate: 1e30 },
      seed: 1,
      threads: 1,
    });
    await expect(run).rejects.toThrow(TrainingDivergedError);
    await expect(run).rejects.toThrow(/nothing was stored; try a learningRate below/);
  });

  it('names the field of a recipe that is out of range', async () => {
    const train = (recipe: Partial<LstmRecipe>): Promise<LstmModel> =>
      trainLstm(walks(5, 1), itemCount, { recipe, seed: 1, threads: 1 });
    await expect(train({ epochs: 0 })).rejects.toThrow('epochs must be a whole number from 1, not 0');
    await expect(train({ inputDropout: 1 })).rejects.toThrow('inputDropout must be from 0 to below 1, not 1');
    await expect(train({ learningRate: -1 })).rejects.toThrow('learningRate must be a number above 0, not -1');
    await expect(train({ score: 'angle' as 'dot' })).rejects.toThrow('score must be "cosine" or "dot", not angle');
    await expect(train({ candidates: 10 })).rejects.toThrow('candidates must be "all" or more than targetsPerBatch');
  });
});

describe('a training run that goes on from a network', () => {
  const recipe = { ...small, ...noDropout };

  it('begins with what that has learnt', async () => {
    const start = await trainLstm(walks(1500, 1), itemCount, { recipe: { ...recipe, epochs: 6 }, seed: 1 });
    const before = structuredClone(start);
    const firstLoss = async (options: { start?: LstmModel }): Promise<number> => {
      const losses: number[] = [];
      await trainLstm(walks(300, 2), itemCount, {
        recipe: { ...recipe, epochs: 1 },
        seed: 2,
        onEpoch: (_, loss) => Promise.resolve(void losses.push(loss)),
        ...options,
      });
      return losses[0] ?? NaN;
    };
    const [cold, warm] = [await firstLoss({}), await firstLoss({ start })];
    expect(warm).toBeLessThan(cold / 2);
    expect(start).toEqual(before);
  });

  it('has its weights, all of them, before the first step', async () => {
    const biased = { ...recipe, itemBias: true, score: 'dot' as const };
    const start = await trainLstm(walks(200, 1), itemCount, { recipe: biased, seed: 1, threads: 1 });
    const trainer = new Trainer(walks(50, 2), itemCount, { recipe: biased, seed: 2, threads: 1, start });
    expect(trainer.model()).toEqual(start);
    await trainer.release();
  });

  it.each<[string, Partial<LstmRecipe>, number, RegExp]>([
    ['another number of items', {}, itemCount + 1, /its table of items is \[61, 16\], .* need \[62, 16\]/],
    ['another width', { dimensions: 8 }, itemCount, /its table of items is \[61, 16\], .* need \[61, 8\]/],
    ['no readout', { readout: 'none' }, itemCount, /its query is \[\d+, \d+\], .* need none/],
    ['another length', { maximumLength: 9 }, itemCount, /its distanceBias is \[\d.*\], .* need \[\d.*\]/],
  ])('refuses one for %s', async (_, changes, items, message) => {
    const start = await trainLstm(walks(50, 1), itemCount, { recipe, seed: 1, threads: 1 });
    const run = trainLstm(walks(50, 1), items, { recipe: { ...recipe, ...changes }, seed: 1, threads: 1, start });
    await expect(run).rejects.toMatchObject({ code: 'start_unfit' });
    await expect(run).rejects.toThrow(message);
  });

  it('refuses one without the readout that the recipe wants', async () => {
    const alone = { ...recipe, readout: 'none' as const };
    const start = await trainLstm(walks(50, 1), itemCount, { recipe: alone, seed: 1, threads: 1 });
    const run = trainLstm(walks(50, 1), itemCount, { recipe, seed: 1, threads: 1, start });
    await expect(run).rejects.toThrow(/its query is missing, .* need \[/);
  });
});
