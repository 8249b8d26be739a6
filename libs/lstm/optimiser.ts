/** One step of a training. */
export interface StepRate {
  readonly learningRate: number;
  /** From 1. */
  readonly step: number;
}

/** Updates one array of weights, whole or piece by piece, in place. */
export interface Optimiser {
  /** What it keeps of earlier steps: arrays as long as the weights, to be stored and overwritten from outside between two steps. */
  readonly memory: readonly Float32Array[];
  /** Begins a step; call it before the updates of that step. */
  beginStep(rate: StepRate): void;
  /** Moves the weights at [at, at + length) against the gradient at [from, from + length). */
  update(at: number, gradient: Float32Array, from: number, length: number): void;
}

export function createOptimiser(kind: 'adam' | 'adagrad', weights: Float32Array): Optimiser {
  return kind === 'adam' ? new Adam(weights) : new Adagrad(weights);
}

const EPSILON = 1e-8;
const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;

/**
 * Adam (Kingma and Ba 2015). On pieces it is lazy: the moments of a weight move only in the steps that touch it. The
 * moments are kept as plain sums; the paper's factors (1 - beta) and corrections are in the rate and the epsilon.
 */
class Adam implements Optimiser {
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private rate = 0;
  private epsilon = EPSILON;

  constructor(private readonly weights: Float32Array) {
    // Written once here, so that the pages are there before the first steps are.
    this.first = new Float32Array(weights.length).fill(0);
    this.second = new Float32Array(weights.length).fill(0);
  }

  get memory(): readonly Float32Array[] {
    return [this.first, this.second];
  }

  beginStep({ learningRate, step }: StepRate): void {
    const first = (1 - FIRST_DECAY) / (1 - FIRST_DECAY ** step);
    const second = Math.sqrt((1 - SECOND_DECAY) / (1 - SECOND_DECAY ** step));
    this.rate = (learningRate * first) / second;
    this.epsilon = EPSILON / second;
  }

  update(at: number, gradient: Float32Array, from: number, length: number): void {
    const { weights, first, second, rate, epsilon } = this;
    for (let i = 0; i < length; i++) {
      const g = gradient[from + i] as number;
      const m = FIRST_DECAY * (first[at + i] as number) + g;
      const v = SECOND_DECAY * (second[at + i] as number) + g * g;
      first[at + i] = m;
      second[at + i] = v;
      weights[at + i] = (weights[at + i] as number) - (rate * m) / (Math.sqrt(v) + epsilon);
    }
  }
}

/** Adagrad (Duchi, Hazan and Singer 2011). */
class Adagrad implements Optimiser {
  private readonly squares: Float32Array;
  private rate = 0;

  constructor(private readonly weights: Float32Array) {
    this.squares = new Float32Array(weights.length);
  }

  get memory(): readonly Float32Array[] {
    return [this.squares];
  }

  beginStep({ learningRate }: StepRate): void {
    this.rate = learningRate;
  }

  update(at: number, gradient: Float32Array, from: number, length: number): void {
    const { weights, squares, rate } = this;
    for (let i = 0; i < length; i++) {
      const g = gradient[from + i] as number;
      const sum = (squares[at + i] as number) + g * g;
      squares[at + i] = sum;
      weights[at + i] = (weights[at + i] as number) - (rate * g) / (Math.sqrt(sum) + EPSILON);
    }
  }
}
