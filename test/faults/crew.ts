import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { endOfLog, until } from './bounded.js';

const LEAVE_SECONDS = 90;
const START_SECONDS = 120;
const LOG_CHARACTERS = 20_000;

/** What an ingest process is started with. */
export interface Launch {
  /** The path of the compiled command line. */
  readonly commandLine: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Ingest processes, each started again when it was killed or found no database at its start, as a service manager does. */
export class Crew {
  private readonly members: Member[] = [];
  private joined = 0;

  constructor(private readonly launch: Launch) {}

  /** One more process. */
  join(): string {
    this.joined += 1;
    const member = new Member(`ingest-${this.joined}`, this.launch);
    this.members.push(member);
    return member.name;
  }

  /** Kills a process that is at work, with SIGKILL. @param choice from 0 to 1 */
  async kill(choice: number): Promise<string> {
    const member = await this.choose(choice);
    member.kill();
    return member.name;
  }

  /** Ends a process that is at work, with SIGTERM, for good. @param choice from 0 to 1 */
  async leave(choice: number): Promise<{ name: string; left: Promise<void> }> {
    const member = await this.choose(choice);
    return { name: member.name, left: member.leave() };
  }

  /** Ends all, as above. */
  async stop(): Promise<void> {
    await until('every ingest process to run', START_SECONDS, () => {
      this.check();
      return this.members.every(({ state }) => state === 'running' || state === 'leaving' || state === 'gone');
    });
    await Promise.all(this.members.filter(({ state }) => state === 'running').map((member) => member.leave()));
    this.check();
  }

  /** @throws Error when a process ended that should not have */
  check(): void {
    for (const { failure } of this.members) if (failure !== undefined) throw new Error(failure);
  }

  /** What each does, and what it said last. */
  describe(): string {
    return this.members.map((member) => member.describe()).join('\n');
  }

  /** Ends whatever a failed run left. */
  async destroy(): Promise<void> {
    await Promise.all(this.members.map((member) => member.destroy()));
  }

  private async choose(choice: number): Promise<Member> {
    let running: Member[] = [];
    await until('an ingest process that runs', START_SECONDS, () => {
      this.check();
      running = this.members.filter(({ state }) => state === 'running');
      return running.length > 0;
    });
    return running[Math.floor(choice * running.length)] as Member;
  }
}

class Member {
  state: 'starting' | 'running' | 'killed' | 'leaving' | 'gone' = 'starting';
  failure: string | undefined;
  private log = '';
  private child: ChildProcess | undefined;
  private readonly supervised: Promise<void>;

  constructor(
    readonly name: string,
    private readonly launch: Launch,
  ) {
    this.supervised = this.supervise();
  }

  kill(): void {
    this.state = 'killed';
    this.child?.kill('SIGKILL');
  }

  async leave(): Promise<void> {
    this.state = 'leaving';
    this.child?.kill('SIGTERM');
    await until(`${this.name} to leave`, LEAVE_SECONDS, () => this.state === ('gone' as Member['state']));
    if (this.failure !== undefined) throw new Error(this.failure);
  }

  describe(): string {
    return `${this.name}, ${this.state}:\n${endOfLog(this.log)}`;
  }

  async destroy(): Promise<void> {
    if (this.state !== 'gone') this.state = 'leaving';
    this.child?.kill('SIGKILL');
    await this.supervised;
  }

  private async supervise(): Promise<void> {
    while (await this.runOnce());
    this.state = 'gone';
  }

  /** @returns whether to start it again */
  private async runOnce(): Promise<boolean> {
    const { commandLine, environment } = this.launch;
    const child = spawn(process.execPath, [commandLine, 'ingest', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...inheritedEnvironment(), ...environment },
    });
    const killWithThisProcess = (): boolean => child.kill('SIGKILL');
    process.once('exit', killWithThisProcess);
    this.child = child;
    this.log = '';
    const started = (): boolean => /^\{"url":/m.test(this.log);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log = (this.log + text).slice(-LOG_CHARACTERS);
        if (this.state === 'starting' && started()) this.state = 'running';
      });
    }
    const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    process.removeListener('exit', killWithThisProcess);
    return this.judge(status, signal);
  }

  private async judge(status: number | null, signal: NodeJS.Signals | null): Promise<boolean> {
    const { state } = this;
    if (state === 'killed' && signal === 'SIGKILL') {
      this.state = 'starting';
      return true;
    }
    if (state === 'leaving' && status === 0) return false;
    if (state === 'starting' && status !== 0 && /database/i.test(this.log)) {
      await pause(200);
      // It may have been told to go meanwhile.
      return this.state === 'starting';
    }
    this.failure = `${this.name}, ${state}, ended with ${signal ?? `status ${String(status)}`}:\n${endOfLog(this.log, 30)}`;
    return false;
  }
}

/** Without what npm, the test runner or an operator set for this process. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|DATABASE_URL$|KAFKA_|SESSION_GAP)/.test(name)),
  );
}
