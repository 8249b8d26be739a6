import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

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

  /** @throws Error when the process ends instead of answering */
  async ask<Answer>(message: object): Promise<Answer> {
    const answered = new AbortController();
    const { signal } = answered;
    try {
      this.child.send(message);
      return await Promise.race([
        once(this.child, 'message', { signal }).then(([answer]: unknown[]) => answer as Answer),
        once(this.child, 'exit', { signal }).then(([code]: unknown[]) => {
          throw new Error(`a process of the benchmark ended with ${String(code)}`);
        }),
      ]);
    } finally {
      answered.abort();
    }
  }
}

/** The other side: answers every message of the parent; what fails ends the process. */
export function answerParent(answer: (message: never) => Promise<object>): void {
  process.on('message', (message) => {
    void answer(message as never).then((result) => process.send?.(result));
  });
}
