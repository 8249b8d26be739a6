import { availableParallelism } from 'node:os';
import { DomainError, InvalidInputError, Random, type EncodedSessions } from '#domain';
import { Batcher, type Batch } from './batches.js';
import { DropoutMasks } from './dropout.js';
import { ItemTable } from './item-table.js';
import { networkParameters } from './network.js';
import { clipFactor, createOptimiser, type Optimiser } from './optimiser.js';
import { initialise, type LstmModel, type Parameters } from './parameters.js';
import { ProgressMeter, type TrainingProgress } from './progress.js';
import { completeRecipe, type LstmRecipe } from './recipe.js';
import { SharedNegatives, WholeCatalogue, type CandidateSource } from './sampler.js';
import { TrainingStep, type CandidateBuffers } from './training-step.js';

export interface TrainingOptions {
  /** Changes to the default recipe. */
  readonly recipe?: Partial<LstmRecipe>;
  readonly seed: number;
  /** Threads of onnxruntime, one per processor unless told; with 1, the same seed gives the same network to the bit. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** After every epoch, with its mean loss and the network as it is then. */
  readonly onEpoch?: (epoch: number, loss: number, model: LstmModel) => Promise<void> | void;
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
 * @throws InvalidInputError if no session has two items or the catalogue fewer than two; TrainingDivergedError;
 *   the signal's reason when it is aborted
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
  private readonly gradients: ReadonlyMap<string, Float32Array>;
  private readonly optimisers: ReadonlyMap<string, Optimiser>;
  private readonly source: CandidateSource;
  private readonly candidates: CandidateBuffers;
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
    this.parameters = initialise(networkParameters(this.recipe), this.random);
    this.gradients = new Map([...this.parameters].map(([name, { data }]) => [name, new Float32Array(data.length)]));
    this.optimisers = new Map(
      [...this.parameters].map(([name, { data }]) => [name, createOptimiser(this.recipe.optimiser, data)]),
    );
    this.table = new ItemTable(itemCount, this.recipe, this.random);
    const { candidates, negativeExponent, dimensions, inputDropout, readoutDropout } = this.recipe;
    const longest = this.batcher.mostElements * dimensions;
    this.masks = {
      input: new DropoutMasks(inputDropout, longest, this.random),
      readout: new DropoutMasks(readoutDropout, longest, this.random),
    };
    const count = candidates === 'all' || candidates >= itemCount ? itemCount : candidates;
    this.source =
      count === itemCount
        ? new WholeCatalogue(itemCount)
        : new SharedNegatives(targetSupport(sessions, itemCount), count, negativeExponent);
    this.candidates = {
      rows: new Float32Array(count * dimensions),
      rowGradients: new Float32Array(count * dimensions),
      biases: new Float32Array(count),
      biasGradients: new Float32Array(count),
    };
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
    const { recipe, table, candidates, random } = this;
    const step = await this.stepFor(batch);
    const { inputs, targets } = layOut(batch, this.sessions, step.targetWeights);
    const chosen = this.source.select(targets, batch.targetCount, random);
    step.targets.set(chosen.columns);
    step.targetChances.set(chosen.chances);
    step.correction.set(chosen.correction);
    table.gather(inputs, step.itemRows);
    table.gather(chosen.items, candidates.rows);
    if (recipe.itemBias) table.gatherBiases(chosen.items, candidates.biases);
    const loss = await step.run({
      input: this.masks.input.next(step.itemRows.length),
      readout: this.masks.readout.next(step.itemRows.length),
    });
    if (!Number.isFinite(loss)) return loss;
    const learningRate = learningRateAt(recipe, shareDone);
    table.update(
      learningRate,
      { items: chosen.items, gradients: candidates.rowGradients },
      { items: inputs, gradients: step.itemGradients },
    );
    if (recipe.itemBias) table.updateBiases(learningRate, chosen.items, candidates.biasGradients);
    const factor = clipFactor(this.gradients.values(), recipe.clipNorm);
    for (const [name, gradient] of this.gradients) {
      const optimiser = this.optimisers.get(name);
      optimiser?.beginStep(learningRate);
      optimiser?.update(0, gradient, 0, gradient.length, factor);
    }
    return loss;
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

  async release(): Promise<void> {
    for (const step of this.steps.values()) await step.release();
    this.steps.clear();
  }

  private async stepFor({ steps, size }: Batch): Promise<TrainingStep> {
    const known = this.steps.get(steps);
    if (known) return known;
    const { recipe, candidates, parameters, gradients, options } = this;
    const threads = options.threads ?? availableParallelism();
    const made = await TrainingStep.create(recipe, { steps, size }, candidates, { parameters, gradients }, threads);
    this.steps.set(steps, made);
    return made;
  }
}

/** The items and the targets of a batch [steps x size], step by step, 0 where padded; sets the weights of the targets. */
function layOut(
  batch: Batch,
  { items }: EncodedSessions,
  targetWeights: Float32Array,
): { inputs: Int32Array; targets: Int32Array } {
  const inputs = new Int32Array(batch.steps * batch.size);
  const targets = new Int32Array(batch.steps * batch.size);
  targetWeights.fill(0);
  for (let row = 0; row < batch.starts.length; row++) {
    const start = batch.starts[row] as number;
    for (let t = 0; t < (batch.lengths[row] as number); t++) {
      const place = t * batch.size + row;
      inputs[place] = items[start + t] as number;
      targets[place] = items[start + t + 1] as number;
      targetWeights[place] = 1 / batch.targetCount;
    }
  }
  return { inputs, targets };
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
