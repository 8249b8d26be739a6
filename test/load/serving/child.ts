import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DomainError } from '#domain';

/** What a child says to a message. */
type Said<Answer> =
  { readonly answer: Answer; readonly fault?: never } | { readonly answer?: never; readonly fault: string };

/** A module of this folder in a process of its own, which answers each message with one. */
export class Child {
  private constructor(private readonly child: ChildProcess) {}

  /** Ends it after the work. */
  static async run<Result>(name: string, work: (child: Child) => Promise<Result>): Promise<Result> {
    const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), {
      // Numbers that JSON does not have come through.
      serialization: 'advanced',
    });
    try {
      return await work(new Child(child));
    } finally {
      child.kill();
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @throws DomainError `benchmark_failed` with what the other side failed with; Error when the process ends instead of answering */
  async ask<Answer>(message: object): Promise<Answer> {
    const answered = new AbortController();
    const { signal } = answered;
    try {
      this.child.send(message);
      const said = await Promise.race([
        once(this.child, 'message', { signal }).then(([message]: unknown[]) => message as Said<Answer>),
        once(this.child, 'exit', { signal }).then(([code]: unknown[]) => {
          throw new Error(`a process of the benchmark ended with ${String(code)}`);
        }),
      ]);
      if (said.fault !== undefined) throw new DomainError('internal', 'benchmark_failed', said.fault);
      return said.answer;
    } finally {
      answered.abort();
    }
  }
}

/** The other side: answers every message of the parent, or says why it cannot. */
export function answerParent(answer: (message: never) => Promise<object>): void {
  const say = (said: Said<object>): unknown => process.send?.(said);
  process.on('message', (message) => {
    void answer(message as never).then(
      (found) => say({ answer: found }),
      (error: unknown) => say({ fault: faultOf(error) }),
    );
  });
}

const faultOf = (error: unknown): string =>
  error instanceof DomainError ? error.message : ((error as Error).stack ?? String(error));
