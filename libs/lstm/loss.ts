import {
  add,
  addToRows,
  after,
  divide,
  gatherElements,
  gatherRows,
  log,
  matMul,
  maximum,
  multiply,
  negate,
  reduceSum,
  reshape,
  softmax,
  split,
  subtract,
  concat,
  fixedDimension,
  type Value,
} from '#graph';

/** Scores that are computed at a time (16 MB): they then stay in the processor's cache. */
const SCORES_AT_ONCE = 2 ** 22;

/** The smallest probability whose logarithm is taken. */
const SMALLEST = 1e-30;

export interface SampledSoftmaxInputs {
  /** [targets, dimensions]; a candidate's score is its product with the state. */
  readonly states: Value;
  /** [candidates, dimensions] */
  readonly candidates: Value;
  /** [1, candidates], added to the scores: minus the logarithm of the candidate's chance to be one (0 for certain). */
  readonly correction: Value;
  /** [1, candidates], learned, or absent. */
  readonly bias?: Value;
  /** int32 [targets, 1]: which candidate each target is. */
  readonly targets: Value;
  /** [targets, 1]: the chance that the target's candidate would have been drawn had it not been the target. */
  readonly targetChance: Value;
  /** [targets, 1]: weight of each target in the loss; 0 for padding. */
  readonly weights: Value;
}

/**
 * Cross-entropy of the next item against shared candidates.
 *
 * The sum over the whole catalogue, Z = sum_i exp(s_i), is estimated for each target t from the candidates C, each of
 * which is there with chance p_i (Horvitz and Thompson 1952; logQ correction of Bengio and Senecal 2008), the target
 * itself being certain: Z ~ exp(s_t) + sum_{i in C, i != t} exp(s_i) / p_i. With p = 1 everywhere it is the exact
 * softmax.
 *
 * The loss is one operation with its own derivative, computed in the forward pass block by block: neither scores nor
 * probabilities of all targets are ever in memory at once. Derived from q = softmax(s - log p) and
 * r = Z_candidates / Z = 1 / (1 - q_t + q_t p_t): the probability of i != t is r q_i, that of t is r q_t p_t.
 * @returns the weighted sum over the targets, a value of shape [1, 1]
 */
export function sampledSoftmaxLoss(inputs: SampledSoftmaxInputs): Value {
  const { states, candidates, correction, bias } = inputs;
  const graph = states.graph;
  const total = graph.withoutTape(() => {
    const offsets = bias ? add(correction, bias) : correction;
    const width = fixedDimension('loss', candidates.shape, 0);
    // One more column, against a column of ones, adds the offsets within the product; a pass over the scores costs more.
    const withOffsets = concat([candidates, reshape(offsets, [width, 1])], 1);
    const blocks = rowBlocks(inputs).reduce<BlockResult[]>((done, block) => {
      const last = done.at(-1);
      const states = last ? after(block.states, [last.statesGradient, last.candidatesGradient]) : block.states;
      return [...done, lossOfBlock({ ...block, states }, candidates, withOffsets)];
    }, []);
    const sum = (pick: (block: BlockResult) => Value): Value => blocks.map(pick).reduce(add);
    const all = (pick: (block: BlockResult) => Value): Value => concat(blocks.map(pick) as [Value, ...Value[]], 0);
    const targets = reshape(inputs.targets, [fixedDimension('loss', inputs.targets.shape, 0)]);
    return {
      loss: sum((block) => block.loss),
      states: all((block) => block.statesGradient),
      candidates: addToRows(
        sum((block) => block.candidatesGradient),
        targets,
        all((block) => block.targetRows),
      ),
      bias:
        bias &&
        addToBias(
          sum((block) => reshape(block.biasGradient, bias.shape)),
          targets,
          all((b) => b.targetWeights),
        ),
    };
  });
  graph.differentiateBy(bias ? [states, candidates, bias] : [states, candidates], [total.loss], ([gradient]) =>
    gradient
      ? [
          multiply(total.states, gradient),
          multiply(total.candidates, gradient),
          total.bias && multiply(total.bias, gradient),
        ]
      : [],
  );
  return total.loss;
}

type Block = Pick<SampledSoftmaxInputs, 'states' | 'targets' | 'targetChance' | 'weights'>;

interface BlockResult {
  readonly loss: Value;
  readonly statesGradient: Value;
  /** The part of the candidates' gradient that comes through the probabilities. */
  readonly candidatesGradient: Value;
  readonly biasGradient: Value;
  /** The rest, to be added to the targets' rows. */
  readonly targetRows: Value;
  readonly targetWeights: Value;
}

function lossOfBlock(block: Block, candidates: Value, withOffsets: Value): BlockResult {
  const { states, targets, targetChance, weights } = block;
  const { graph } = states;
  const rows = fixedDimension('loss', states.shape, 0);
  const ones = graph.constant(new Float32Array(rows).fill(1), [rows, 1]);
  const q = softmax(matMul(concat([states, ones], 1), withOffsets, { transposeB: true })); // [rows, candidates]
  const qTarget = gatherElements(q, targets); // [rows, 1]
  const qCertain = multiply(qTarget, targetChance);
  const r = divide(graph.scalar(1), add(subtract(graph.scalar(1), qTarget), qCertain));
  const probability = maximum(multiply(r, qCertain), graph.scalar(SMALLEST));
  const scaled = multiply(weights, r); // d loss / d s_i = scaled q_i for i != t
  const targetWeights = multiply(weights, subtract(multiply(r, subtract(qCertain, qTarget)), graph.scalar(1)));
  const flatTargets = reshape(targets, [rows]);
  const weightedStates = multiply(scaled, states);
  return {
    loss: reduceSum(negate(multiply(weights, log(probability))), [0, 1]),
    statesGradient: add(
      multiply(scaled, matMul(q, candidates)),
      multiply(targetWeights, gatherRows(candidates, flatTargets)),
    ),
    candidatesGradient: matMul(q, weightedStates, { transposeA: true }),
    biasGradient: matMul(q, scaled, { transposeA: true }),
    targetRows: multiply(targetWeights, states),
    targetWeights,
  };
}

function rowBlocks({ states, candidates, targets, targetChance, weights }: SampledSoftmaxInputs): readonly Block[] {
  const rows = fixedDimension('loss', states.shape, 0);
  const columns = fixedDimension('loss', candidates.shape, 0);
  const count = Math.min(rows, Math.ceil((rows * columns) / SCORES_AT_ONCE));
  const sizes = Array.from(
    { length: count },
    (_, i) => Math.floor((rows * (i + 1)) / count) - Math.floor((rows * i) / count),
  );
  const parts = [states, targets, targetChance, weights].map((value) => split(value, sizes, 0));
  return sizes.map((_, i) => {
    const [s, t, c, w] = parts.map((part) => part[i]) as [Value, Value, Value, Value];
    return { states: s, targets: t, targetChance: c, weights: w };
  });
}

function addToBias(gradient: Value, targets: Value, updates: Value): Value {
  const columns = fixedDimension('loss', gradient.shape, 1);
  return reshape(addToRows(reshape(gradient, [columns, 1]), targets, updates), [1, columns]);
}
