interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
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

  /** Rejects, with every question of the same batch, when the run does. */
  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      this.running ??= this.runAll();
    });
  }

  /** Resolves when nothing waits or runs any more. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async runAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.maximum);
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
}
