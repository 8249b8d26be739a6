import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An npm script that runs, with all that it started. */
export class NpmProcess {
  /** What it printed so far, standard error included. */
  output = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  /** Starts `npm run SCRIPT` in a process group of its own, as a shell does for a command typed in a terminal. */
  constructor(script: string, environment: Readonly<Record<string, string>>) {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(npm_|VITEST|NODE_|DATABASE_URL$|PORT$|HOST$|LOG_LEVEL$)/.test(name),
    );
    this.child = spawn('npm', ['run', script], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...environment },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.exited = once(this.child, 'close');
  }

  /** Resolves once the output matches; rejects when the process ends before. */
  async prints(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      const ended = this.exited.then(() => true);
      const more = [this.child.stdout, this.child.stderr].map(async (stream) => {
        if (stream) await once(stream, 'data');
        return false;
      });
      if ((await Promise.race([ended, ...more])) && !pattern.test(this.output)) {
        throw new Error(`it ended before it printed ${String(pattern)}:\n${this.output}`);
      }
    }
  }

  /** What Ctrl-C does: the signal goes to every process of the group. Resolves once all output is closed. */
  async interrupt(): Promise<void> {
    process.kill(this.group, 'SIGINT');
    await this.exited;
  }

  /** What a service manager does: the signal goes to npm alone. */
  async terminate(): Promise<void> {
    process.kill(this.pid, 'SIGTERM');
    await this.exited;
  }

  /** Resolves to the exit status once it has ended by itself. */
  async ended(): Promise<number | null> {
    await this.exited;
    return this.child.exitCode;
  }

  /** For `isAlive`: whether any process of the group is left. */
  get group(): number {
    return -this.pid;
  }

  /** Ends whatever a failed test left. */
  async destroy(): Promise<void> {
    if (isAlive(this.group)) process.kill(this.group, 'SIGTERM');
    await this.exited;
  }

  private get pid(): number {
    if (this.child.pid === undefined) throw new Error('npm did not start');
    return this.child.pid;
  }
}

/** Whether a process, or for a negative number any of its group, is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Runs a line in a POSIX shell, with a stand-in for curl where the machine has none; resolves to what it prints. */
export async function runInShell(line: string): Promise<string> {
  const standIns = fileURLToPath(new URL('bin', import.meta.url));
  const path = `${process.env.PATH ?? ''}${delimiter}${standIns}`;
  return (await promisify(execFile)('sh', ['-c', line], { env: { ...process.env, PATH: path } })).stdout;
}
