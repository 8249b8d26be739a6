import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inheritedEnvironment } from '../faults/crew.js';
import { JOB_NAME } from './gates.js';

const LOG_CHARACTERS = 20_000;

/** Where the job runs. */
export interface JobPlace {
  /** The path of the compiled command line. */
  readonly commandLine: string;
  readonly databaseUrl: string;
  /** Its folder for temporary files. */
  readonly temporaryFolder: string;
  /** So many of the newest models are kept. */
  readonly keepModels: number;
}

/** `train` in a process of its own. */
export class TrainingJob {
  private static started = 0;

  /** All that it wrote, or the end of that. */
  log = '';
  /** What its connections to the database are called. */
  readonly name: string;
  readonly startedAt = new Date();
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor({ commandLine, databaseUrl, temporaryFolder, keepModels }: JobPlace, options: readonly string[]) {
    TrainingJob.started += 1;
    this.name = `${JOB_NAME}${TrainingJob.started}`;
    const url = new URL(databaseUrl);
    url.searchParams.set('application_name', this.name);
    const child = spawn(process.execPath, [commandLine, 'train', '--json', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...inheritedEnvironment(),
        DATABASE_URL: url.href,
        TMPDIR: temporaryFolder,
        KEEP_MODELS: String(keepModels),
        NO_COLOR: '1',
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.log = (this.log + text).slice(-LOG_CHARACTERS)));
    }
    const killWithThisProcess = (): boolean => child.kill('SIGKILL');
    process.once('exit', killWithThisProcess);
    this.child = child;
    this.closed = once(child, 'close').then(() => process.removeListener('exit', killWithThisProcess));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Null while it runs, and when it was killed. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  /** What it printed at its end; null where that is missing. */
  get answer(): Readonly<Record<string, unknown>> | null {
    const line = this.log.split('\n').find((each) => each.startsWith('{"'));
    return line === undefined ? null : (JSON.parse(line) as Readonly<Record<string, unknown>>);
  }

  /** Resolves once it is gone. @returns whether it was killed, rather than had ended by itself before */
  async kill(): Promise<boolean> {
    this.child.kill('SIGKILL');
    await this.closed;
    return this.child.signalCode === 'SIGKILL';
  }

  /** Resolves once it is gone. */
  async end(): Promise<void> {
    await this.closed;
  }
}
