/** Updates one array of weights, whole or piece by piece, in place. */
export interface Optimiser {
  /** Begins a step of the given learning rate; call it before the updates of that step. */
  beginStep(learningRate: number): void;
  /** Moves the weights at [at, at + length) against the gradient at [from, from + length) times `factor`. */
  update(at: number, gradient: Float32Array, from: number, length: number, factor: number): void;
}

export function createOptimiser(kind: 'adam' | 'adagrad', weights: Float32Array): Optimiser {
  return kind === 'adam' ? new Adam(weights) : new Adagrad(weights);
}

const EPSILON = 1e-8;

/**
 * Adam (Kingma and Ba 2015) with beta 0.9 and 0.999. On pieces it is lazy: the moments of a weight move only in the steps
 * that touch it.
 */
class Adam implements Optimiser {
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private steps = 0;
  private rate = 0;
  private secondScale = 1;

  constructor(private readonly weights: Float32Array) {
    this.first = new Float32Array(weights.length);
    this.second = new Float32Array(weights.length);
  }

  beginStep(learningRate: number): void {
    this.steps += 1;
    this.rate = learningRate / (1 - 0.9 ** this.steps);
    this.secondScale = 1 / (1 - 0.999 ** this.steps);
  }

  update(at: number, gradient: Float32Array, from: number, length: number, factor: number): void {
    const { weights, first, second, rate, secondScale } = this;
    for (let i = 0; i < length; i++) {
      const g = (gradient[from + i] as number) * factor;
      const m = 0.9 * (first[at + i] as number) + 0.1 * g;
      const v = 0.999 * (second[at + i] as number) + 0.001 * g * g;
      first[at + i] = m;
      second[at + i] = v;
      weights[at + i] = (weights[at + i] as number) - (rate * m) / (Math.sqrt(v * secondScale) + EPSILON);
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

  beginStep(learningRate: number): void {
    this.rate = learningRate;
  }

  update(at: number, gradient: Float32Array, from: number, length: number, factor: number): void {
    const { weights, squares, rate } = this;
    for (let i = 0; i < length; i++) {
      const g = (gradient[from + i] as number) * factor;
      const sum = (squares[at + i] as number) + g * g;
      squares[at + i] = sum;
      weights[at + i] = (weights[at + i] as number) - (rate * g) / (Math.sqrt(sum) + EPSILON);
    }
  }
}

/** The factor that brings gradients down to `maximum` in Euclidean length, taken together; 1 if they are shorter. */
export function clipFactor(gradients: Iterable<Float32Array>, maximum: number): number {
  let squares = 0;
  for (const gradient of gradients) squares += gradient.reduce((sum, g) => sum + g * g, 0);
  const length = Math.sqrt(squares);
  return length > maximum ? maximum / length : 1;
}
