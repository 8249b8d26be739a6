import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const commandLine = fileURLToPath(new URL('../../apps/cli/main.js', import.meta.url));

/** What a command prints last with `--json`. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * Runs a command of the command line in a process of its own, as an operator would; its progress goes to our standard error.
 * @returns the object of its last line
 * @throws Error when it fails
 */
export async function runCommand(databaseUrl: string, args: readonly string[]): Promise<Answer> {
  const child = launch(databaseUrl, args);
  let last = '';
  for await (const line of linesOf(child)) last = line;
  await ended(child, args);
  return JSON.parse(last) as Answer;
}

/** How a command ended that may end in several ways. */
export interface Ending {
  readonly exitCode: number;
  /** Of its last line; null when that is no object. */
  readonly answer: Answer | null;
  /** What it said last on standard error; empty when nothing. */
  readonly complaint: string;
}

/** As {@link runCommand}, for a command whose failure is an answer too. */
export async function runToEnd(databaseUrl: string, args: readonly string[]): Promise<Ending> {
  const child = launch(databaseUrl, args, {}, 'pipe');
  const lastLine = async (lines: AsyncIterable<string>): Promise<string> => {
    let last = '';
    for await (const line of lines) last = line.trim() === '' ? last : line;
    return last;
  };
  const [last, complaint] = await Promise.all([
    lastLine(linesOf(child)),
    child.stderr ? lastLine(createInterface({ input: child.stderr })) : '',
  ]);
  if (!hasEnded(child)) await once(child, 'exit');
  const answer = last.startsWith('{') ? (JSON.parse(last) as Answer) : null;
  return { exitCode: child.exitCode ?? Number.NaN, answer, complaint };
}

/** A public key of the store `default`. */
export function makePublicKey(databaseUrl: string): Promise<string> {
  return makeKey(databaseUrl, 'public');
}

/** A key of the store `default`. */
export async function makeKey(databaseUrl: string, kind: 'public' | 'secret'): Promise<string> {
  return textOf(await runCommand(databaseUrl, ['keys', 'create', '--kind', kind, '--json']), 'key');
}

/** A role in a process of its own. */
export interface Role {
  readonly url: string;
  readonly pid: number;
  /** Ends it politely; throws when it failed, now or before. */
  stop(): Promise<void>;
  /** Throws when it has ended. */
  requireRunning(): void;
}

/** `serve` on a free port, ready for requests. */
export function startServer(databaseUrl: string, environment: NodeJS.ProcessEnv = {}): Promise<Role> {
  // The first as `npm run nextpick -- serve` sets it.
  return startRole(databaseUrl, 'serve', { MALLOC_MMAP_THRESHOLD_: String(1024 * 1024), ...environment, PORT: '0' });
}

/** `ingest`, its metrics on a free port; it has not joined its group yet. */
export function startIngest(databaseUrl: string, kafka: { readonly KAFKA_BROKERS: string }): Promise<Role> {
  return startRole(databaseUrl, 'ingest', { ...kafka, INGEST_PORT: '0' });
}

/** Ends a role after the work. */
export async function withRole<Result>(
  starting: Promise<Role>,
  work: (role: Role) => Promise<Result>,
): Promise<Result> {
  const role = await starting;
  try {
    return await work(role);
  } finally {
    await role.stop();
  }
}

async function startRole(databaseUrl: string, name: string, environment: NodeJS.ProcessEnv): Promise<Role> {
  const args = [name, '--json'];
  const child = launch(databaseUrl, args, { HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...environment });
  for await (const line of linesOf(child)) {
    const { url } = JSON.parse(line) as { url: string };
    // Nobody reads on; a full pipe would stop it.
    child.stdout?.resume();
    return {
      url,
      pid: child.pid ?? 0,
      stop: async () => {
        child.kill('SIGTERM');
        await ended(child, args);
      },
      requireRunning: () => {
        if (hasEnded(child)) throw new Error(`\`${name}\` ended before its time`);
      },
    };
  }
  await ended(child, args);
  throw new Error(`${name} ended without a word`);
}

function launch(
  databaseUrl: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  standardError: 'inherit' | 'pipe' = 'inherit',
): ChildProcess {
  // What is set for the user's own Kafka is not for ours.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('KAFKA_'));
  return spawn(process.execPath, [commandLine, ...args], {
    stdio: ['ignore', 'pipe', standardError],
    env: { ...Object.fromEntries(inherited), ...environment, DATABASE_URL: databaseUrl },
  });
}

function linesOf({ stdout }: ChildProcess): AsyncIterable<string> {
  if (!stdout) throw new Error('the command has no standard output');
  return createInterface({ input: stdout });
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function ended(child: ChildProcess, args: readonly string[]): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit');
  if (child.exitCode !== 0) {
    throw new Error(`\`${args.join(' ')}\` ended with ${child.exitCode ?? child.signalCode ?? 'an unknown status'}`);
  }
}

/** A number that a command's answer must hold. */
export function numberOf(answer: Answer, field: string): number {
  const value = answer[field];
  if (typeof value !== 'number')
    throw new Error(`the command's answer has no number "${field}": ${JSON.stringify(answer)}`);
  return value;
}

/** A text that a command's answer must hold. */
function textOf(answer: Answer, field: string): string {
  const value = answer[field];
  if (typeof value !== 'string') throw new Error(`the command's answer has no text "${field}"`);
  return value;
}

/** Of the answer of `import events`. */
export function eventsPerSecond(imported: Answer): number {
  return numberOf(imported, 'accepted') / numberOf(imported, 'seconds');
}
