import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Graph, gradients, matMulOperations, serialise, type Value } from '#graph';
import { sampledSoftmaxLoss } from './loss.js';
import { itemsForScore, statesAtEveryStep } from './network.js';
import type { Parameters } from './parameters.js';
import type { LstmRecipe } from './recipe.js';

/** Buffers that every training step reads its candidates from and writes their gradients to. */
export interface CandidateBuffers {
  /** [candidates, dimensions] */
  readonly rows: Float32Array;
  readonly rowGradients: Float32Array;
  /** [candidates] each */
  readonly biases: Float32Array;
  readonly biasGradients: Float32Array;
}

/**
 * One training step for sessions of one length as an onnxruntime session: a single run takes the batch and gives the
 * loss and every gradient. Inputs and results are fixed arrays that the caller fills and reads in place.
 */
export class TrainingStep {
  /** [steps x size, dimensions], step by step, and their gradients. */
  readonly itemRows: Float32Array;
  readonly itemGradients: Float32Array;
  /** [steps x size] each: column of the target among the candidates, its chance, its weight in the loss. */
  readonly targets: Int32Array;
  readonly targetChances: Float32Array;
  readonly targetWeights: Float32Array;
  /** [candidates] */
  readonly correction: Float32Array;
  private readonly loss = new Float32Array(1);
  private readonly feeds: Record<string, Tensor>;
  private readonly fetches: Record<string, Tensor>;

  private constructor(
    private readonly compiled: CompiledStep,
    recipe: LstmRecipe,
    { steps, size }: BatchShape,
    candidates: CandidateBuffers,
    weights: { readonly parameters: Parameters; readonly gradients: ReadonlyMap<string, Float32Array> },
  ) {
    const rows = steps * size;
    const { dimensions } = recipe;
    const count = candidates.biases.length;
    const floats = (length: number): Float32Array => new Float32Array(length);
    this.itemRows = floats(rows * dimensions);
    this.itemGradients = floats(rows * dimensions);
    this.targets = new Int32Array(rows);
    this.targetChances = floats(rows);
    this.targetWeights = floats(rows);
    this.correction = floats(count);
    const table = [rows, dimensions];
    this.feeds = {
      itemRows: new Tensor(this.itemRows, table),
      targets: new Tensor(this.targets, [rows, 1]),
      targetChances: new Tensor(this.targetChances, [rows, 1]),
      targetWeights: new Tensor(this.targetWeights, [rows, 1]),
      correction: new Tensor(this.correction, [1, count]),
      candidateRows: new Tensor(candidates.rows, [count, dimensions]),
    };
    this.fetches = {
      loss: new Tensor(this.loss, [1, 1]),
      itemGradients: new Tensor(this.itemGradients, table),
      candidateGradients: new Tensor(candidates.rowGradients, [count, dimensions]),
    };
    if (recipe.itemBias) {
      this.feeds.candidateBiases = new Tensor(candidates.biases, [1, count]);
      this.fetches.candidateBiasGradients = new Tensor(candidates.biasGradients, [1, count]);
    }
    for (const [name, { shape, data }] of weights.parameters) {
      this.feeds[name] = new Tensor(data, shape);
      const gradient = weights.gradients.get(name);
      if (gradient) this.fetches[`gradient of ${name}`] = new Tensor(gradient, shape);
    }
  }

  /** Builds the graph and the session; takes about 0.1 s. */
  static async create(
    recipe: LstmRecipe,
    shape: BatchShape,
    candidates: CandidateBuffers,
    weights: { readonly parameters: Parameters; readonly gradients: ReadonlyMap<string, Float32Array> },
    threads: number,
  ): Promise<TrainingStep> {
    const graph = trainingGraph(recipe, shape, candidates.biases.length, weights.parameters);
    const session = await InferenceSession.create(serialise(graph), {
      intraOpNumThreads: threads,
      enableMemPattern: false,
      enableCpuMemArena: false,
    });
    return new TrainingStep({ session, operations: matMulOperations(graph) }, recipe, shape, candidates, weights);
  }

  /** Additions and multiplications of the step's matrix products. */
  get operations(): number {
    return this.compiled.operations;
  }

  /**
   * Runs the step on what the arrays hold now.
   * @param masks [steps x size, dimensions] each: 0 or 1 / (1 - dropout)
   * @returns the weighted sum of the losses
   */
  async run(masks: { readonly input: Float32Array; readonly readout: Float32Array }): Promise<number> {
    const shape = (this.feeds.itemRows as Tensor).dims;
    const feeds = {
      ...this.feeds,
      inputMask: new Tensor(masks.input, shape),
      readoutMask: new Tensor(masks.readout, shape),
    };
    await this.compiled.session.run(feeds, this.fetches);
    return this.loss[0] as number;
  }

  async release(): Promise<void> {
    await this.compiled.session.release();
  }
}

interface CompiledStep {
  readonly session: InferenceSession;
  readonly operations: number;
}

export interface BatchShape {
  readonly steps: number;
  /** Sessions side by side. */
  readonly size: number;
}

function trainingGraph(
  recipe: LstmRecipe,
  { steps, size }: BatchShape,
  candidates: number,
  parameters: Parameters,
): Graph {
  const graph = new Graph();
  const rows = steps * size;
  const float = (name: string, ...shape: number[]): Value => graph.input(name, 'float32', shape);
  const itemRows = float('itemRows', rows, recipe.dimensions);
  const masks = {
    input: float('inputMask', rows, recipe.dimensions),
    readout: float('readoutMask', rows, recipe.dimensions),
  };
  const candidateRows = float('candidateRows', candidates, recipe.dimensions);
  const bias = recipe.itemBias ? float('candidateBiases', 1, candidates) : undefined;
  const weights = new Map([...parameters].map(([name, { shape }]) => [name, float(name, ...shape)]));
  const loss = sampledSoftmaxLoss({
    states: statesAtEveryStep(recipe, itemRows, masks, steps, size, weights),
    candidates: itemsForScore(recipe, candidateRows),
    correction: float('correction', 1, candidates),
    ...(bias && { bias }),
    targets: graph.input('targets', 'int32', [rows, 1]),
    targetChance: float('targetChances', rows, 1),
    weights: float('targetWeights', rows, 1),
  });
  const results = new Map([
    ['itemGradients', itemRows],
    ['candidateGradients', candidateRows],
    ...(bias ? ([['candidateBiasGradients', bias]] as const) : []),
    ...[...weights].map(([name, value]) => [`gradient of ${name}`, value] as const),
  ]);
  graph.output('loss', loss);
  const computed = gradients(loss, [...results.values()]);
  [...results.keys()].forEach((name, i) => {
    graph.output(name, computed[i] as Value);
  });
  return graph;
}
