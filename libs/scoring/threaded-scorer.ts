import { once } from 'node:events';
import { extname } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { InferenceSession } from '#onnxruntime';
import type { ScorerFiles } from './open-scorer.js';
import type { ScoringAnswer, ScoringQuestion } from './scorer.js';
import type { ThreadAnswer, ThreadStart } from './scoring-thread.js';

interface Asked {
  readonly resolve: (answers: ScoringAnswer[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A scorer in a thread of its own: onnxruntime computes, and loads a model, in the thread that calls it, and all else there would have to
 * wait meanwhile.
 */
export class ThreadedScorer {
  private readonly asked: Asked[] = [];
  private readonly shared = new WeakMap<BigInt64Array, BigInt64Array>();
  private ended: Error | null = null;

  private constructor(private readonly thread: Worker) {
    thread.on('message', (answer: ThreadAnswer) => {
      const first = this.asked.shift();
      if (answer.fault === undefined) first?.resolve(answer.answers);
      else first?.reject(new Error(answer.fault));
    });
    thread.on('error', (error: Error) => {
      this.end(error);
    });
    thread.on('exit', () => {
      this.end(new Error('the thread of the model has ended'));
    });
  }

  /**
   * @param files network and neighbours are handed over, each with the whole memory that it lies in: they are empty afterwards
   * @throws Error that says what is wrong with the files
   */
  static async open(files: ScorerFiles, options: InferenceSession.SessionOptions): Promise<ThreadedScorer> {
    const scorer = new ThreadedScorer(
      new Worker(new URL(`./scoring-thread${extname(import.meta.url)}`, import.meta.url), { env: SHARE_ENV }),
    );
    const start: ThreadStart = { files, options };
    // A message, because what a thread is started with it keeps; the network is 20 MB that onnxruntime has too.
    await scorer.answer(() => {
      scorer.thread.postMessage(start, [files.network.buffer, files.neighbours.buffer] as ArrayBuffer[]);
    });
    return scorer;
  }

  /** As `Scorer.score`. */
  score(questions: readonly ScoringQuestion[]): Promise<ScoringAnswer[]> {
    return this.answer(() => {
      this.thread.postMessage(
        questions.map((question) => ({ ...question, alwaysExcluded: this.share(question.alwaysExcluded) })),
      );
    });
  }

  async release(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.thread, 'exit');
    this.thread.postMessage(null);
    await exit;
  }

  private answer(ask: () => void): Promise<ScoringAnswer[]> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.asked.push({ resolve, reject });
      ask();
    });
  }

  /** In memory that both threads see: it is long, and the same for many questions. */
  private share(values: BigInt64Array): BigInt64Array {
    let copy = this.shared.get(values);
    if (!copy) {
      copy = new BigInt64Array(new SharedArrayBuffer(values.byteLength));
      copy.set(values);
      this.shared.set(values, copy);
    }
    return copy;
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.asked.splice(0)) reject(this.ended);
  }
}
