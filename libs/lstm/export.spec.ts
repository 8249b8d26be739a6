import { InferenceSession, Tensor } from '#onnxruntime';
import { afterEach, expect, it } from 'vitest';
import { Random } from '#domain';
import { Graph, gatherRows, matMul, multiply, serialise, softmax, type Value } from '#graph';
import { encodeSessions, randomLists } from '../../test/support/encoded-sessions.js';
import { askNetwork, openNetwork, type NetworkQuestion, type RatedItem } from '../../test/support/exported-network.js';
import { itemsForScore, networkParameters, statesAtEveryStep } from './network.js';
import { exportServingModel, importServingModel } from './export.js';
import { initialise } from './parameters.js';
import type { LstmModel } from './parameters.js';
import { completeRecipe, type LstmRecipe } from './recipe.js';
import { trainLstm } from './train.js';

const itemCount = 60;

const small: Partial<LstmRecipe> = {
  dimensions: 16,
  maximumLength: 6,
  targetsPerBatch: 30,
  candidates: 40,
  epochs: 2,
  learningRate: 0.01,
};

const recipes: [string, Partial<LstmRecipe>][] = [
  ['cosine, attention', {}],
  ['dot product with bias, LSTM alone', { score: 'dot', itemBias: true, readout: 'none' }],
];

const sessions = [[5], [5, 9], [5, 9, 3, 3, 60, 1], [7, 7, 7]];

const opened: InferenceSession[] = [];
afterEach(async () => {
  for (const session of opened.splice(0)) await session.release();
});

async function open(model: LstmModel, itemFactors?: Float32Array): Promise<InferenceSession> {
  const network = await openNetwork(model, itemFactors);
  opened.push(network);
  return network;
}

const train = (recipe: Partial<LstmRecipe> = {}): Promise<LstmModel> =>
  trainLstm(encodeSessions(randomLists(300, itemCount, 7, 1)), itemCount, {
    recipe: { ...small, ...recipe },
    seed: 3,
    threads: 1,
  });

const idsOf = (answer: readonly RatedItem[] | undefined): number[] => (answer ?? []).map(({ id }) => id);

it.each(recipes)('answers what the trainer’s own forward pass says, to 1e-5 (%s)', async (_, recipe) => {
  const model = await train(recipe);
  const network = await open(model);
  for (const session of sessions) {
    const expected = await trainerForward(model, session);
    const [found = []] = await askNetwork(network, [{ session }], itemCount);
    expect(idsOf(found).toSorted((a, b) => a - b)).toEqual(expected.map((__, i) => i + 1));
    for (const { id, score, network: own } of found) {
      expect(Math.abs(score - (expected[id - 1] ?? NaN))).toBeLessThan(1e-5);
      expect(Math.abs(own - (expected[id - 1] ?? NaN))).toBeLessThan(1e-5);
    }
    const scores = found.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  }
});

/** Of different widths, so that each is padded where another is not. */
const questions: NetworkQuestion[] = [
  { session: [5] },
  { session: [5, 9], suggestions: { 1: 0.3, 9: 0.1, 60: 0.05 }, boosts: { 5: 0.1, 9: 4 } },
  { session: [5, 9, 3, 3, 60, 1], suggestions: { 2: 0.5 } },
  { session: [7, 7, 7], boosts: { 7: 0.02, 1: 3, 30: 10, 60: 2 } },
];

it.each(recipes)('takes suggestions, item factors and boosts into account (%s)', async (_, recipe) => {
  const model = await train(recipe);
  const random = new Random(8);
  const factors = Float32Array.from({ length: itemCount + 1 }, () => Math.exp(random.normal()));
  const network = await open(model, factors);
  const answers = await askNetwork(network, questions, itemCount);
  for (const [row, question] of questions.entries()) {
    const expected = await trainerAnswer(model, question, factors);
    expect(idsOf(answers[row])).toEqual(idsOf(expected));
    for (const [place, { score, network: share }] of (answers[row] ?? []).entries()) {
      expect(Math.abs(score - (expected[place]?.score ?? NaN))).toBeLessThan(1e-5);
      expect(Math.abs(share - (expected[place]?.network ?? NaN))).toBeLessThan(1e-5);
    }
  }
});

it.each(recipes)(
  'the best of a large catalogue are those of all digits, and their scores do not depend on what else may come (%s)',
  async (_, changes) => {
    const random = new Random(5);
    const [items, dimensions, wanted] = [5000, 32, 20];
    const recipe = completeRecipe({ ...small, dimensions, ...changes });
    const numbers = (length: number, first: number): Float32Array =>
      Float32Array.from({ length }, (__, i) => (i < first ? 0 : random.normal()));
    const model: LstmModel = {
      recipe,
      itemCount: items,
      itemEmbeddings: numbers((items + 1) * dimensions, dimensions),
      itemBiases: changes.itemBias ? numbers(items + 1, 1) : new Float32Array(items + 1),
      parameters: initialise(networkParameters(recipe), random),
    };
    const factors = Float32Array.from({ length: items + 1 }, () => Math.exp(random.normal()));
    const network = await open(model, factors);
    // What is suggested and boosted is as likely as what the network says itself.
    const scarce = Object.fromEntries(Array.from({ length: 60 }, (__, i) => [1 + 80 * i, 0.0001 * (i + 1)]));
    const asked: NetworkQuestion[] = [
      ...sessions.map((session) => ({ session })),
      ...questions,
      { session: [5], suggestions: scarce },
    ];
    for (const question of asked) {
      const expected = await trainerAnswer(model, question, factors);
      const [found = []] = await askNetwork(network, [question], wanted);
      if (!question.suggestions) expect(idsOf(found)).toEqual(idsOf(expected).slice(0, wanted));
      for (const [place, { id, score, network: own }] of found.entries()) {
        const exact = expected.find((item) => item.id === id);
        expect(Math.abs(score / (exact?.score ?? NaN) - 1)).toBeLessThan(0.03);
        expect(Math.abs(own / (exact?.network ?? NaN) - 1)).toBeLessThan(0.03);
        // What is suggested is compared with the network's share of all, which is out by so much.
        expect(Math.abs((exact?.score ?? NaN) / (expected[place]?.score ?? NaN) - 1)).toBeLessThan(0.03);
      }
      const excluded = idsOf(found).slice(0, 3);
      const [others = []] = await askNetwork(network, [{ ...question, excluded }], 4);
      for (const [place, { id, score, network: own }] of others.entries()) {
        const same = found[place + 3];
        expect(id).toBe(same?.id);
        expect(score / (same?.score ?? NaN)).toBeCloseTo(1, 5);
        expect(own / (same?.network ?? NaN)).toBeCloseTo(1, 5);
      }
    }
  },
);

it('answers different questions together as it answers each alone', async () => {
  const network = await open(await train());
  const all = [...questions, ...sessions.map((session) => ({ session, excluded: session.slice(0, 2) }))];
  const together = await askNetwork(network, all, 10);
  for (const [i, question] of all.entries()) {
    const [alone = []] = await askNetwork(network, [question], 10);
    expect(idsOf(together[i])).toEqual(idsOf(alone));
    for (const [place, { score }] of alone.entries()) expect(together[i]?.[place]?.score).toBeCloseTo(score, 6);
  }
});

it('never lets an excluded item out before an allowed one, whatever speaks for it', async () => {
  const network = await open(await train());
  const [all] = await askNetwork(network, [{ session: [5, 9] }], itemCount);
  const best = idsOf(all).slice(0, 3);
  const praise = Object.fromEntries(best.map((id) => [id, 10]));
  const question = { session: [5, 9], excluded: best, suggestions: praise, boosts: praise };
  const [without = []] = await askNetwork(network, [question], itemCount);
  expect(idsOf(without).slice(0, -3)).toEqual(idsOf(all).slice(3));
  expect(without.slice(-3).map(({ score }) => score)).toEqual([0, 0, 0]);
  expect(idsOf(without).slice(-3).toSorted()).toEqual(best.toSorted());
});

/** What the network is to say of all items, the best first. */
async function trainerAnswer(
  model: LstmModel,
  { session, suggestions = {}, boosts = {} }: NetworkQuestion,
  factors: Float32Array,
): Promise<RatedItem[]> {
  const own = await trainerForward(model, [...session]);
  const rated = own.map((network, i) => ({
    id: i + 1,
    score: (network + (suggestions[i + 1] ?? 0)) * (factors[i + 1] ?? NaN) * (boosts[i + 1] ?? 1),
    network,
  }));
  const sum = rated.reduce((total, { score }) => total + score, 0);
  return rated.map((item) => ({ ...item, score: item.score / sum })).sort((a, b) => b.score - a.score);
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

it.each(recipes)('what was exported comes back as it was, but for rounding (%s)', async (_, recipe) => {
  const model = await train(recipe);
  const file = exportServingModel(model, new Float32Array(itemCount + 1).fill(1));
  const back = importServingModel(file, model.recipe);
  expect(back?.parameters).toEqual(model.parameters);
  expect(back).toMatchObject({ recipe: model.recipe, itemCount, itemBiases: model.itemBiases });
  expect(back?.itemEmbeddings).toHaveLength(model.itemEmbeddings.length);
  back?.itemEmbeddings.forEach((x, i) => {
    expect(Math.abs(x - (model.itemEmbeddings[i] ?? NaN))).toBeLessThan(1e-6);
  });
});

it('a file whose weights have no names does not come back', async () => {
  const model = await train();
  const graph = new Graph();
  graph.output('y', gatherRows(graph.constant(Float32Array.of(1, 2), [2, 1]), graph.constant(Int32Array.of(1), [1])));
  expect(importServingModel(serialise(graph), model.recipe)).toBeNull();
});
