import { availableParallelism } from 'node:os';
import { DomainError, InvalidInputError, Random, type EncodedSessions } from '#domain';
import { Batcher, type Batch } from './batches.js';
import { DropoutMasks } from './dropout.js';
import { ItemTable } from './item-table.js';
import { networkParameters } from './network.js';
import { createOptimiser, type Optimiser } from './optimiser.js';
import { initialise, type LstmModel, type Parameters } from './parameters.js';
import { ProgressMeter, type TrainingProgress } from './progress.js';
import { completeRecipe, type LstmRecipe } from './recipe.js';
import { SharedNegatives, WholeCatalogue, type CandidateSource } from './sampler.js';
import { TrainingStep } from './training-step.js';

export interface TrainingOptions {
  /** Changes to the default recipe. */
  readonly recipe?: Partial<LstmRecipe>;
  readonly seed: number;
  /** Goes on from this network, of the same items, `dimensions`, `readout` and `maximumLength`, instead of from a random one. */
  readonly start?: LstmModel;
  /** Threads of onnxruntime, one per processor unless told; with 1, the same seed gives the same network to the bit. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Hears the mean loss of each epoch, with the network as it is then; training waits for it. */
  readonly onEpoch?: (epoch: number, loss: number, model: LstmModel) => Promise<void>;
}

/** The loss stopped being a number. */
export class TrainingDivergedError extends DomainError {
  constructor(epoch: number, step: number, learningRate: number) {
    super(
      'internal',
      'training_diverged',
      `the loss is no longer a finite number (epoch ${String(epoch)}, step ${String(step)}): ` +
        `nothing was stored; try a learningRate below ${String(learningRate)}`,
      { epoch, step, learningRate },
    );
  }
}

/**
 * Trains a network that predicts the next item of a session.
 * @param sessions item indexes from 1 to `itemCount`
 * @throws InvalidInputError if no session has two items or the catalogue fewer than two, or if `start` does not fit;
 *   TrainingDivergedError; the signal's reason when it is aborted
 */
export async function trainLstm(
  sessions: EncodedSessions,
  itemCount: number,
  options: TrainingOptions,
): Promise<LstmModel> {
  const trainer = new Trainer(sessions, itemCount, options);
  try {
    return await trainer.run();
  } finally {
    await trainer.release();
  }
}

/** A network in training; one step at a time, so that steps can also be timed and compared. */
export class Trainer {
  readonly batcher: Batcher;
  private readonly recipe: LstmRecipe;
  private readonly random: Random;
  private readonly table: ItemTable;
  private readonly parameters: Parameters;
  private readonly optimisers: ReadonlyMap<string, Optimiser>;
  private readonly source: CandidateSource;
  private readonly candidateCount: number;
  private readonly masks: Readonly<Record<'input' | 'readout', DropoutMasks>>;
  private readonly steps = new Map<number, TrainingStep>();

  constructor(
    private readonly sessions: EncodedSessions,
    itemCount: number,
    private readonly options: TrainingOptions,
  ) {
    this.recipe = completeRecipe(options.recipe);
    this.random = new Random(options.seed);
    this.batcher = new Batcher(sessions, this.recipe.maximumLength, this.recipe.targetsPerBatch);
    refuseNothingToLearn(this.batcher.targetCount, itemCount);
    const { start } = options;
    this.parameters = initialise(networkParameters(this.recipe), this.random);
    this.optimisers = new Map(
      [...this.parameters].map(([name, { data }]) => [name, createOptimiser(this.recipe.optimiser, data)]),
    );
    this.table = new ItemTable(itemCount, this.recipe, this.random);
    if (start) this.copyWeights(start);
    const { candidates, negativeExponent, dimensions, inputDropout, readoutDropout } = this.recipe;
    const longest = this.batcher.mostElements * dimensions;
    this.masks = {
      input: new DropoutMasks(inputDropout, longest, this.random),
      readout: new DropoutMasks(readoutDropout, longest, this.random),
    };
    this.candidateCount = candidates === 'all' ? itemCount : Math.min(candidates, itemCount);
    this.source =
      this.candidateCount === itemCount
        ? new WholeCatalogue(itemCount)
        : new SharedNegatives(targetSupport(sessions, itemCount), this.candidateCount, negativeExponent);
  }

  /** Every epoch of the recipe. */
  async run(): Promise<LstmModel> {
    const { epochs } = this.recipe;
    const progress = new ProgressMeter(epochs, this.batcher.targetCount, this.options.onProgress);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let lossSum = 0;
      let targets = 0;
      for (const [index, batch] of this.batcher.epoch(this.random).entries()) {
        this.options.signal?.throwIfAborted();
        const loss = await this.step(batch, progress.shareDone);
        if (!Number.isFinite(loss)) throw new TrainingDivergedError(epoch, index + 1, this.recipe.learningRate);
        lossSum += loss * batch.targetCount;
        targets += batch.targetCount;
        progress.advance(epoch, batch.targetCount, lossSum / targets);
      }
      await this.options.onEpoch?.(epoch, lossSum / targets, this.model());
    }
    return this.model();
  }

  /**
   * One step: candidates, one run of the graph, updates.
   * @param shareDone of the whole run, from 0 to 1: sets the learning rate
   * @returns the mean loss over the batch's targets; if it is not finite, nothing was updated
   */
  async step(batch: Batch, shareDone: number): Promise<number> {
    const { recipe, table, optimisers } = this;
    const step = await this.stepFor(batch);
    const { items, targets, targetWeights } = layOut(batch, this.sessions);
    const chosen = this.source.select(targets, batch.targetCount, this.random);
    const results = await step.run({
      items,
      candidates: chosen.items,
      correction: chosen.correction,
      targets: chosen.columns,
      targetChances: chosen.chances,
      targetWeights,
      inputMask: this.masks.input.next(items.length * recipe.dimensions),
      readoutMask: this.masks.readout.next(items.length * recipe.dimensions),
    });
    if (!Number.isFinite(results.loss)) return results.loss;
    const learningRate = learningRateAt(recipe, shareDone);
    table.update(
      learningRate,
      { items: chosen.items, gradients: results.candidateGradients },
      { items, gradients: results.itemGradients },
    );
    if (results.candidateBiasGradients) table.updateBiases(learningRate, chosen.items, results.candidateBiasGradients);
    for (const [name, gradient] of results.gradients) {
      const optimiser = optimisers.get(name);
      optimiser?.beginStep(learningRate);
      optimiser?.update(0, gradient, 0, gradient.length);
    }
    return results.loss;
  }

  /** Additions and multiplications of the matrix products in one step of that batch, forward and backward. */
  async operations(batch: Batch): Promise<number> {
    return (await this.stepFor(batch)).operations;
  }

  /** The network as it is now; it changes with further steps. */
  model(): LstmModel {
    const { recipe, table, parameters } = this;
    return {
      recipe,
      itemCount: table.itemCount,
      itemEmbeddings: table.embeddings,
      itemBiases: table.biases,
      parameters,
    };
  }

  private copyWeights(start: LstmModel): void {
    refuseOtherShapes(start, this.model());
    const { itemEmbeddings, itemBiases, parameters } = start;
    this.table.embeddings.set(itemEmbeddings);
    this.table.biases.set(itemBiases);
    for (const [name, { data }] of parameters) this.parameters.get(name)?.data.set(data);
  }

  async release(): Promise<void> {
    for (const step of this.steps.values()) await step.release();
    this.steps.clear();
  }

  private async stepFor({ steps, size }: Batch): Promise<TrainingStep> {
    const known = this.steps.get(steps);
    if (known) return known;
    const { recipe, table, parameters, candidateCount, options } = this;
    const weights = { itemEmbeddings: table.embeddings, itemBiases: table.biases, parameters };
    const threads = options.threads ?? availableParallelism();
    const made = await TrainingStep.create(recipe, { steps, size, candidates: candidateCount }, weights, threads);
    this.steps.set(steps, made);
    return made;
  }
}

/** Items, targets and the targets' weights of a batch, [steps x size] each, step by step, 0 where padded. */
function layOut(
  batch: Batch,
  sessions: EncodedSessions,
): Record<'items' | 'targets', Int32Array> & { targetWeights: Float32Array } {
  const length = batch.steps * batch.size;
  const [items, targets, targetWeights] = [new Int32Array(length), new Int32Array(length), new Float32Array(length)];
  for (let row = 0; row < batch.starts.length; row++) {
    const start = batch.starts[row] as number;
    for (let t = 0; t < (batch.lengths[row] as number); t++) {
      const place = t * batch.size + row;
      items[place] = sessions.items[start + t] as number;
      targets[place] = sessions.items[start + t + 1] as number;
      targetWeights[place] = 1 / batch.targetCount;
    }
  }
  return { items, targets, targetWeights };
}

/** How often each item is a target, [items + 1]. */
function targetSupport({ items, offsets }: EncodedSessions, itemCount: number): Int32Array {
  const support = new Int32Array(itemCount + 1);
  for (let s = 0; s + 1 < offsets.length; s++)
    for (let i = (offsets[s] as number) + 1; i < (offsets[s + 1] as number); i++)
      support[items[i] as number] = (support[items[i] as number] as number) + 1;
  return support;
}

function learningRateAt({ learningRate, schedule }: LstmRecipe, shareDone: number): number {
  return schedule === 'constant' ? learningRate : 0.5 * learningRate * (1 + Math.cos(Math.PI * shareDone));
}

function refuseNothingToLearn(targetCount: number, itemCount: number): void {
  if (targetCount === 0)
    throw new InvalidInputError('nothing_to_learn', 'no session has two items, so there is no next item to learn from');
  if (itemCount < 2)
    throw new InvalidInputError(
      'nothing_to_learn',
      'the sessions hold one item only; a recommendation needs two or more',
    );
}

function refuseOtherShapes(start: LstmModel, wanted: LstmModel): void {
  const [given, right] = [shapesOf(start), shapesOf(wanted)];
  for (const name of new Set([...right.keys(), ...given.keys()])) {
    if (given.get(name) === right.get(name)) continue;
    throw new InvalidInputError(
      'start_unfit',
      `the network to start from does not fit: its ${name} is ${given.get(name) ?? 'missing'}, this recipe and these items ` +
        `need ${right.get(name) ?? 'none'}; start from one with the same items, dimensions, readout and maximumLength`,
      { weight: name },
    );
  }
}

/** The shape of every weight of a network, such as `[61, 16]`, by name. */
function shapesOf({ recipe, itemCount, parameters }: LstmModel): Map<string, string> {
  const all: [name: string, shape: readonly number[]][] = [
    ['table of items', [itemCount + 1, recipe.dimensions]],
    ...[...parameters].map(([name, { shape }]): [string, readonly number[]] => [name, shape]),
  ];
  return new Map(all.map(([name, shape]) => [name, `[${shape.join(', ')}]`]));
}
