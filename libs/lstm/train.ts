import { availableParallelism } from 'node:os';
import { DomainError, InvalidInputError, Random, type EncodedSessions } from '#domain';
import { Batcher, layOut, type Batch } from './batches.js';
import { restore, type Checkpointing, type Resumption, type TrainingPosition } from './checkpoint.js';
import { DropoutMasks } from './dropout.js';
import { ItemTable } from './item-table.js';
import { networkParameters } from './network.js';
import { arraysOf, type NamedArrays } from './named-arrays.js';
import { createOptimiser, type Optimiser } from './optimiser.js';
import { initialise, type LstmModel, type Parameters } from './parameters.js';
import { ProgressMeter, type TrainingProgress } from './progress.js';
import { completeRecipe, type LstmRecipe } from './recipe.js';
import { SharedNegatives, targetSupport, WholeCatalogue, type CandidateSource } from './sampler.js';
import { refuseOtherShapes } from './shapes.js';
import { TrainingStep } from './training-step.js';

export interface TrainingOptions {
  /** Changes to the default recipe. */
  readonly recipe?: Partial<LstmRecipe>;
  readonly seed: number;
  /** Goes on from this network, of the same items, `dimensions`, `readout` and `maximumLength`, instead of from a random one. */
  readonly start?: LstmModel;
  /** Goes on where an earlier training was; comes before `start`. */
  readonly resume?: Resumption;
  readonly checkpointing?: Checkpointing;
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
  private readonly graphs = new Map<number, TrainingStep>();
  /** Done so far. */
  private steps = 0;
  private lastKept = performance.now();

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
    const { resume, onProgress, onEpoch } = this.options;
    const from = resume?.checkpoint.position;
    if (resume) this.restore(resume);
    const progress = new ProgressMeter(epochs, this.batcher.targetCount, onProgress, from?.shareDone);
    for (let epoch = from?.epoch ?? 1; epoch <= epochs; epoch++) {
      const loss = await this.epoch(epoch, progress, epoch === from?.epoch ? from : undefined);
      await onEpoch?.(epoch, loss, this.model());
    }
    return this.model();
  }

  /** All batches of an epoch, or those from a position on; resolves to the mean loss. */
  private async epoch(epoch: number, progress: ProgressMeter, from?: TrainingPosition): Promise<number> {
    const { random, options, recipe } = this;
    if (from) random.continueFrom(from.epochRandom);
    const epochRandom = random.position();
    const batches = this.batcher.epoch(random);
    if (from) random.continueFrom(from.random);
    let { lossSum, targets } = from ?? { lossSum: 0, targets: 0 };
    for (let done = Math.round((from?.epochShare ?? 0) * batches.length); done < batches.length;) {
      const batch = batches[done++] as Batch;
      options.signal?.throwIfAborted();
      const loss = await this.step(batch, progress.shareDone);
      if (!Number.isFinite(loss)) throw new TrainingDivergedError(epoch, done, recipe.learningRate);
      lossSum += loss * batch.targetCount;
      targets += batch.targetCount;
      progress.advance(epoch, batch.targetCount, lossSum / targets);
      const { shareDone } = progress;
      const epochShare = done / batches.length;
      await this.keep({ shareDone, epoch, epochShare, lossSum, targets, epochRandom });
    }
    return lossSum / targets;
  }

  /** Writes a checkpoint if it is time to. */
  private async keep(position: Omit<TrainingPosition, 'steps' | 'random'>): Promise<void> {
    const { checkpointing } = this.options;
    if (!checkpointing) return;
    const isLast = position.epoch === this.recipe.epochs && position.epochShare === 1;
    if (!isLast && performance.now() < this.lastKept + 1000 * checkpointing.everySeconds) return;
    await checkpointing.write({
      position: { ...position, steps: this.steps, random: this.random.position() },
      ...this.arrays(),
    });
    this.lastKept = performance.now();
  }

  private restore(resume: Resumption): void {
    restore(resume, this.arrays());
    this.steps = resume.checkpoint.position.steps;
  }

  private arrays(): Record<'arrays' | 'itemArrays', NamedArrays> {
    const { parameters, optimisers, table } = this;
    const arrays = [...parameters].flatMap(([name, { data }]) =>
      arraysOf(name, data, optimisers.get(name) as Optimiser),
    );
    return { arrays: new Map(arrays), itemArrays: table.arrays() };
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
    this.steps += 1;
    const rate = { learningRate: learningRateAt(recipe, shareDone), step: this.steps };
    table.update(
      rate,
      { items: chosen.items, gradients: results.candidateGradients },
      { items, gradients: results.itemGradients },
    );
    if (results.candidateBiasGradients) table.updateBiases(rate, chosen.items, results.candidateBiasGradients);
    for (const [name, gradient] of results.gradients) {
      const optimiser = optimisers.get(name);
      optimiser?.beginStep(rate);
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
    for (const graph of this.graphs.values()) await graph.release();
    this.graphs.clear();
  }

  private async stepFor({ steps, size }: Batch): Promise<TrainingStep> {
    const known = this.graphs.get(steps);
    if (known) return known;
    const { recipe, table, parameters, candidateCount, options } = this;
    const weights = { itemEmbeddings: table.embeddings, itemBiases: table.biases, parameters };
    const threads = options.threads ?? availableParallelism();
    const made = await TrainingStep.create(recipe, { steps, size, candidates: candidateCount }, weights, threads);
    this.graphs.set(steps, made);
    return made;
  }
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
