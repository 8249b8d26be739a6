interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** There is no answer before the deadline. */
export class TooLate extends Error {
  override readonly name = 'TooLate';

  constructor() {
    super('There was no answer before the deadline');
  }
}

/**
 * Answers questions that arrive together in one run, where eight together cost little more than one. Nobody waits for company: a batch
 * is what arrived during one turn of the event loop, or while the run before was busy.
 */
export class MicroBatcher<Question, Answer> {
  private waiting: Waiting<Question, Answer>[] = [];
  private running: Promise<void> | null = null;

  /** `run` answers in the order of its questions, of which it gets at most `maximum`. */
  constructor(
    private readonly run: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    private readonly maximum: number,
  ) {}

  /**
   * Rejects, with every question of the same batch, when the run does.
   * @param deadline in milliseconds of `performance.now()`: a question that still waits then is not run and rejects with `TooLate`
   */
  ask(question: Question, deadline = Infinity): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, deadline, resolve, reject });
      this.running ??= this.runAll();
    });
  }

  /** Resolves when nothing waits or runs any more. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async runAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.next(); batch.length > 0; batch = this.next()) {
      try {
        const answers = await this.run(batch.map(({ question }) => question));
        if (answers.length !== batch.length) {
          throw new Error(`A batch of ${batch.length} got ${answers.length} answers`);
        }
        answers.forEach((answer, i) => batch[i]?.resolve(answer));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = null;
  }

  /** The next batch, without those whom nobody waits for any more. */
  private next(): Waiting<Question, Answer>[] {
    const now = performance.now();
    const batch: Waiting<Question, Answer>[] = [];
    let taken = 0;
    for (const each of this.waiting) {
      if (batch.length === this.maximum) break;
      taken += 1;
      if (each.deadline > now) batch.push(each);
      else each.reject(new TooLate());
    }
    this.waiting.splice(0, taken);
    return batch;
  }
}
