import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Random, type EncodedSessions } from '#domain';
import { Graph, multiply, gatherRows, matMul, serialise, softmax, type Value } from '#graph';
import { expectClose } from '../../test/support/gradient-check.js';
import { exportServingModel } from './export.js';
import { itemsForScore, statesAtEveryStep } from './network.js';
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

const encoded = (...sessions: number[][]): EncodedSessions => ({
  items: Int32Array.from(sessions.flat()),
  offsets: Int32Array.from([0, ...sessions].map((_, i) => sessions.slice(0, i).flat().length)),
  endedAt: new Float64Array(sessions.length),
});

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
        recipe: { ...small, inputDropout: 0, readoutDropout: 0, epochs: 12, ...recipe },
        seed: 1,
      });
      const { items, offsets } = walks(200, 2);
      let hits = 0;
      let cases = 0;
      for (let s = 0; s + 1 < offsets.length; s++)
        for (let end = (offsets[s] ?? 0) + 2; end < (offsets[s + 1] ?? 0); end++) {
          const [best] = await recommend(model, [...items.subarray(offsets[s], end)].slice(-6), 1);
          hits += Number(best?.id === items[end]);
          cases += 1;
        }
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
    await expect(trainLstm(encoded(), 5, { seed: 1 })).rejects.toThrow('no session has two items');
    await expect(trainLstm(encoded([1], [2]), 2, { seed: 1 })).rejects.toThrow('no session has two items');
    await expect(trainLstm(encoded([1, 1]), 1, { seed: 1 })).rejects.toThrow('one item only');
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

describe('exportServingModel', () => {
  const sessions = [[5], [5, 9], [5, 9, 3, 3, 60, 1], [7, 7, 7]];

  it.each<[string, Partial<LstmRecipe>]>([
    ['cosine, attention', {}],
    ['dot product with bias, LSTM alone', { score: 'dot', itemBias: true, readout: 'none' }],
  ])('answers what the trainer’s own forward pass says, to 1e-5 (%s)', async (_, recipe) => {
    const model = await trainLstm(walks(300, 1), itemCount, { recipe: { ...small, ...recipe }, seed: 3, threads: 1 });
    for (const session of sessions) {
      const expected = await trainerForward(model, session);
      const found = await recommend(model, session, itemCount);
      expect(found).toHaveLength(itemCount);
      for (const { id, score } of found) expect(Math.abs(score - (expected[id - 1] ?? NaN))).toBeLessThan(1e-5);
      const scores = found.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
  });

  it('answers sessions of different lengths together as it answers each alone', async () => {
    const model = await trainLstm(walks(300, 1), itemCount, { recipe: small, seed: 3, threads: 1 });
    const together = await recommendAll(model, sessions, 10);
    for (const [i, session] of sessions.entries()) {
      const alone = await recommend(model, session, 10);
      expect(together[i]?.map(({ id }) => id)).toEqual(alone.map(({ id }) => id));
    }
  });

  it('never lets an excluded item out before an allowed one', async () => {
    const model = await trainLstm(walks(300, 1), itemCount, { recipe: small, seed: 3, threads: 1 });
    const best = (await recommend(model, [5, 9], 3)).map(({ id }) => id);
    const without = await recommend(model, [5, 9], itemCount, best);
    expect(without.slice(0, -3).map(({ id }) => id)).not.toEqual(expect.arrayContaining(best.slice(0, 1)));
    expect(without.slice(-3).map(({ score }) => score)).toEqual([0, 0, 0]);
    expect(
      without
        .slice(-3)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(best.toSorted());
  });
});

interface Scored {
  readonly id: number;
  readonly score: number;
}

const recommend = async (
  model: LstmModel,
  session: number[],
  count: number,
  excluded: number[] = [],
): Promise<Scored[]> => (await recommendAll(model, [session], count, excluded))[0] ?? [];

const serving = new WeakMap<LstmModel, Promise<InferenceSession>>();

/** Asks the exported file. */
async function recommendAll(
  model: LstmModel,
  sessions: number[][],
  count: number,
  excluded: number[] = [],
): Promise<Scored[][]> {
  const opened = serving.get(model) ?? InferenceSession.create(exportServingModel(model), { intraOpNumThreads: 1 });
  serving.set(model, opened);
  const length = Math.max(...sessions.map((session) => session.length));
  const int64 = (numbers: number[], shape: number[]): Tensor =>
    new Tensor('int64', BigInt64Array.from(numbers, BigInt), shape);
  const padded = sessions.flatMap((session) => [...session, ...new Array<number>(length - session.length).fill(0)]);
  const { ids, scores } = await (
    await opened
  ).run({
    items: int64(padded, [sessions.length, length]),
    lengths: int64(
      sessions.map((session) => session.length),
      [sessions.length],
    ),
    excluded: int64(
      sessions.flatMap(() => [0, ...excluded]),
      [sessions.length, excluded.length + 1],
    ),
    count: int64([count], [1]),
  });
  return sessions.map((_, row) =>
    Array.from({ length: count }, (__, i) => ({
      id: Number((ids?.data as BigInt64Array)[row * count + i]),
      score: Number((scores?.data as Float32Array)[row * count + i]),
    })),
  );
}

/** Probabilities of items 1 to `itemCount` after the session, from the layers that the trainer uses. */
async function trainerForward(model: LstmModel, session: number[]): Promise<number[]> {
  const { recipe } = model;
  const graph = new Graph();
  const table = graph.constant(model.itemEmbeddings, [model.itemCount + 1, recipe.dimensions]);
  const rows = gatherRows(table, graph.constant(Int32Array.from(session), [session.length]));
  const ones = graph.constant(new Float32Array(session.length * recipe.dimensions).fill(1), [
    session.length,
    recipe.dimensions,
  ]);
  const weights = new Map([...model.parameters].map(([name, { shape, data }]) => [name, graph.constant(data, shape)]));
  const states: Value = statesAtEveryStep(recipe, rows, { input: ones, readout: ones }, session.length, 1, weights);
  const items = itemsForScore(
    recipe,
    graph.constant(model.itemEmbeddings.slice(recipe.dimensions), [model.itemCount, recipe.dimensions]),
  );
  const bias = graph.constant(model.itemBiases.slice(1), [1, model.itemCount]);
  const one = graph.input('one', 'float32', [1]);
  graph.output('probabilities', softmax(matMul(multiply(states, one), items, { transposeB: true, plus: bias })));
  const opened = await InferenceSession.create(serialise(graph), { intraOpNumThreads: 1 });
  const { probabilities } = await opened.run({ one: new Tensor(Float32Array.of(1), [1]) });
  await opened.release();
  return Array.from(probabilities?.data as Float32Array).slice(-model.itemCount);
}
