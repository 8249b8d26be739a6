import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from '#onnxruntime';
import { Random, type EncodedSessions } from '#domain';
import { Graph, matMul, serialise } from '#graph';
import { Trainer, type LstmRecipe } from '#lstm';
import { quantile } from './quantile.js';
import { printFigures } from './report.js';

const DIMENSIONS = 128;
const MATRIX = 1024;

/** Rounds over all set-ups, one after the other, so that a busy moment of the machine hits all of them. */
const ROUNDS = 7;
const BATCHES_PER_ROUND = 6;

/**
 * `bench training [--json]`: the whole trainer (drawing candidates, gathering rows, the graph, updates) in targets and
 * GFLOP a second, beside a bare product of two 1024 x 1024 matrices in the same run; medians over rounds.
 * Operations are those of the matrix products in the training graph, forward and backward.
 */
export async function benchTraining(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const small = await TimedTrainer.create(43_000, { candidates: 2_500 });
  const large = await TimedTrainer.create(43_000, { candidates: 8_000 });
  const million = await TimedTrainer.create(1_000_000, { candidates: 8_000 });
  const product = await timedProduct();
  const matMuls: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    matMuls.push(await product());
    for (const trainer of [small, large, million]) await trainer.round();
  }
  const matmulGflops = quantile(matMuls, 0.5);
  const [first, second, third] = [small.figures(), large.figures(), million.figures()];
  printFigures(
    {
      targetsPerSecond: second.targetsPerSecond,
      gflops: second.gflops,
      matmulGflops,
      share: second.gflops / matmulGflops,
      targetsPerSecond2500: first.targetsPerSecond,
      gflops2500: first.gflops,
      share2500: first.gflops / matmulGflops,
      targetsPerSecondMillionItems: third.targetsPerSecond,
      millionItemsStepCost: second.targetsPerSecond / third.targetsPerSecond,
    },
    values.json,
  );
}

class TimedTrainer {
  private readonly seconds: number[] = [];
  private targets = 0;
  private operations = 0;

  private constructor(
    private readonly trainer: Trainer,
    private readonly batches: ReturnType<Trainer['batcher']['epoch']>,
  ) {}

  /** Makes a trainer and runs each of its batches once, so that every graph is built and every page touched. */
  static async create(itemCount: number, recipe: Partial<LstmRecipe>): Promise<TimedTrainer> {
    const sessions = randomSessions(itemCount);
    const trainer = new Trainer(sessions, itemCount, { recipe: { ...recipe, dimensions: DIMENSIONS }, seed: 1 });
    const batches = trainer.batcher.epoch(new Random(1)).slice(0, BATCHES_PER_ROUND);
    const timed = new TimedTrainer(trainer, batches);
    for (const batch of batches) {
      await trainer.step(batch, 0);
      timed.targets += batch.targetCount;
      timed.operations += await trainer.operations(batch);
    }
    return timed;
  }

  async round(): Promise<void> {
    const start = performance.now();
    for (const batch of this.batches) await this.trainer.step(batch, 0);
    this.seconds.push((performance.now() - start) / 1000);
  }

  figures(): { targetsPerSecond: number; gflops: number } {
    const seconds = quantile(this.seconds, 0.5);
    return { targetsPerSecond: this.targets / seconds, gflops: this.operations / seconds / 1e9 };
  }
}

/** Sessions of 2 to 9 items, popular items more often: the mean length of real ones, enough for a few batches. */
function randomSessions(itemCount: number): EncodedSessions {
  const random = new Random(1);
  const offsets = [0];
  const items: number[] = [];
  while (items.length < 60_000) {
    for (let length = 2 + random.integer(8); length > 0; length--)
      items.push(1 + Math.floor(itemCount * random.uniform() ** 3));
    offsets.push(items.length);
  }
  return {
    items: Int32Array.from(items),
    offsets: Int32Array.from(offsets),
    endedAt: new Float64Array(offsets.length - 1),
  };
}

/** A function that runs the bare product and gives its GFLOP a second. */
async function timedProduct(): Promise<() => Promise<number>> {
  const graph = new Graph();
  const shape = [MATRIX, MATRIX];
  graph.output('product', matMul(graph.input('a', 'float32', shape), graph.input('b', 'float32', shape)));
  const session = await InferenceSession.create(serialise(graph), { intraOpNumThreads: availableParallelism() });
  const random = new Random(1);
  const matrix = (): Tensor =>
    new Tensor(
      Float32Array.from({ length: MATRIX * MATRIX }, () => random.normal()),
      shape,
    );
  const feeds = { a: matrix(), b: matrix() };
  const fetches = { product: new Tensor(new Float32Array(MATRIX * MATRIX), shape) };
  await session.run(feeds, fetches);
  return async () => {
    const runs = 20;
    const start = performance.now();
    for (let i = 0; i < runs; i++) await session.run(feeds, fetches);
    return (runs * 2 * MATRIX ** 3) / ((performance.now() - start) / 1000) / 1e9;
  };
}
