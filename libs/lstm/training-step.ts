import { InferenceSession, Tensor } from '#onnxruntime';
import {
  Graph,
  add,
  divide,
  gatherRows,
  gradients,
  matMulOperations,
  minimum,
  multiply,
  reduceSum,
  reshape,
  serialise,
  squareRoot,
  type Value,
} from '#graph';
import { sampledSoftmaxLoss } from './loss.js';
import { itemsForScore, statesAtEveryStep } from './network.js';
import type { Parameters } from './parameters.js';
import type { LstmRecipe } from './recipe.js';

/** Sessions side by side, padded to a number of steps, and the candidates that they share. */
export interface StepShape {
  readonly steps: number;
  readonly size: number;
  readonly candidates: number;
}

/** The weights that a step reads, where they lie: it always sees their newest state. */
export interface StepWeights {
  /** [itemCount + 1, dimensions] */
  readonly itemEmbeddings: Float32Array;
  /** [itemCount + 1] */
  readonly itemBiases: Float32Array;
  readonly parameters: Parameters;
}

/** One batch; everything about a place is step by step: [steps x size]. */
export interface StepInputs {
  /** Items, 0 for padding. */
  readonly items: Int32Array;
  /** [candidates] items, each once. */
  readonly candidates: Int32Array;
  /** [candidates] minus the logarithm of each one's chance to be there. */
  readonly correction: Float32Array;
  /** Which candidate the target is, its chance, and its weight in the loss. */
  readonly targets: Int32Array;
  readonly targetChances: Float32Array;
  readonly targetWeights: Float32Array;
  /** [steps x size, dimensions]: 0 or 1 / (1 - dropout). */
  readonly inputMask: Float32Array;
  readonly readoutMask: Float32Array;
}

export interface StepResults {
  /** Weighted sum of the targets' losses. */
  readonly loss: number;
  /** [steps x size, dimensions] */
  readonly itemGradients: Float32Array;
  /** [candidates, dimensions] */
  readonly candidateGradients: Float32Array;
  /** [candidates]; absent unless the recipe has `itemBias`. */
  readonly candidateBiasGradients: Float32Array | undefined;
  /** By the name of the parameter, clipped together to the recipe's `clipNorm`. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** A training step for sessions of one length: one run of an onnxruntime session gives the loss and every gradient. */
export class TrainingStep {
  private constructor(
    private readonly session: InferenceSession,
    /** Additions and multiplications of the step's matrix products. */
    readonly operations: number,
    private readonly fixedFeeds: Readonly<Record<string, Tensor>>,
    private readonly parameterNames: readonly string[],
    private readonly shape: StepShape & { readonly dimensions: number },
  ) {}

  /** Builds the graph and the session; takes about 0.1 s. */
  static async create(
    recipe: LstmRecipe,
    shape: StepShape,
    weights: StepWeights,
    threads: number,
  ): Promise<TrainingStep> {
    const { dimensions, itemBias } = recipe;
    const rows = weights.itemBiases.length;
    const graph = trainingGraph(recipe, shape, rows, weights.parameters);
    const session = await InferenceSession.create(serialise(graph), {
      intraOpNumThreads: threads,
      // There is a session per length, and each would keep memory of its own: three times as much, and a little slower.
      enableMemPattern: false,
      enableCpuMemArena: false,
      // Without it, the threads of the length before spin on while the next one works: that took twice the time.
      extra: { session: { force_spinning_stop: '1' } },
    });
    const fixedFeeds: Record<string, Tensor> = { embeddings: new Tensor(weights.itemEmbeddings, [rows, dimensions]) };
    if (itemBias) fixedFeeds.biases = new Tensor(weights.itemBiases, [rows, 1]);
    for (const [name, { shape: parameterShape, data }] of weights.parameters)
      fixedFeeds[name] = new Tensor(data, parameterShape);
    const names = [...weights.parameters.keys()];
    return new TrainingStep(session, matMulOperations(graph), fixedFeeds, names, { ...shape, dimensions });
  }

  async run(inputs: StepInputs): Promise<StepResults> {
    const { steps, size, candidates, dimensions } = this.shape;
    const rows = steps * size;
    const results = await this.session.run({
      ...this.fixedFeeds,
      items: new Tensor(inputs.items, [rows]),
      candidates: new Tensor(inputs.candidates, [candidates]),
      correction: new Tensor(inputs.correction, [1, candidates]),
      targets: new Tensor(inputs.targets, [rows, 1]),
      targetChances: new Tensor(inputs.targetChances, [rows, 1]),
      targetWeights: new Tensor(inputs.targetWeights, [rows, 1]),
      inputMask: new Tensor(inputs.inputMask, [rows, dimensions]),
      readoutMask: new Tensor(inputs.readoutMask, [rows, dimensions]),
    });
    const data = (name: string): Float32Array => results[name]?.data as Float32Array;
    return {
      loss: data('loss')[0] as number,
      itemGradients: data('itemGradients'),
      candidateGradients: data('candidateGradients'),
      candidateBiasGradients: results.candidateBiasGradients && data('candidateBiasGradients'),
      gradients: new Map(this.parameterNames.map((name) => [name, data(gradientName(name))])),
    };
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

const gradientName = (parameter: string): string => `gradient of ${parameter}`;

function trainingGraph(recipe: LstmRecipe, shape: StepShape, tableRows: number, parameters: Parameters): Graph {
  const { steps, size, candidates } = shape;
  const { dimensions } = recipe;
  const graph = new Graph();
  const rows = steps * size;
  const float = (name: string, ...lengths: number[]): Value => graph.input(name, 'float32', lengths);
  const embeddings = float('embeddings', tableRows, dimensions);
  const candidateItems = graph.input('candidates', 'int32', [candidates]);
  const itemRows = gatherRows(embeddings, graph.input('items', 'int32', [rows]));
  const candidateRows = gatherRows(embeddings, candidateItems);
  const bias = recipe.itemBias
    ? reshape(gatherRows(float('biases', tableRows, 1), candidateItems), [1, candidates])
    : undefined;
  const masks = { input: float('inputMask', rows, dimensions), readout: float('readoutMask', rows, dimensions) };
  const weights = new Map([...parameters].map(([name, parameter]) => [name, float(name, ...parameter.shape)]));
  const loss = sampledSoftmaxLoss({
    states: statesAtEveryStep(recipe, itemRows, masks, steps, size, weights),
    candidates: itemsForScore(recipe, candidateRows),
    correction: float('correction', 1, candidates),
    ...(bias && { bias }),
    targets: graph.input('targets', 'int32', [rows, 1]),
    targetChance: float('targetChances', rows, 1),
    weights: float('targetWeights', rows, 1),
  });
  graph.output('loss', loss);
  const [itemGradients, candidateGradients, ...others] = gradients(loss, [
    itemRows,
    candidateRows,
    ...weights.values(),
    ...(bias ? [bias] : []),
  ]);
  graph.output('itemGradients', itemGradients as Value);
  graph.output('candidateGradients', candidateGradients as Value);
  if (bias) graph.output('candidateBiasGradients', others.pop() as Value);
  const clipped = clipTogether(others, recipe.clipNorm);
  [...weights.keys()].forEach((name, i) => {
    graph.output(gradientName(name), clipped[i] as Value);
  });
  return graph;
}

/** Keeps gradients that are all zero from being divided by their length. */
const TINY = 1e-30;

/** Gradients scaled down so that their Euclidean length, taken together, is at most `maximum` (Pascanu et al. 2013). */
function clipTogether(values: readonly Value[], maximum: number): readonly Value[] {
  const squares = values.map((value) => reshape(reduceSum(multiply(value, value), [0, 1]), [1, 1])).reduce(add);
  const { graph } = squares;
  const factor = minimum(graph.scalar(1), divide(graph.scalar(maximum), squareRoot(add(squares, graph.scalar(TINY)))));
  return values.map((value) => multiply(value, factor));
}
