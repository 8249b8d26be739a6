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

/** `serve` on a free port, ready for requests. */
export async function startServer(databaseUrl: string): Promise<{ url: string; stop(): Promise<void> }> {
  const args = ['serve', '--json'];
  const child = launch(databaseUrl, args, { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn' });
  for await (const line of linesOf(child)) {
    const { url } = JSON.parse(line) as { url: string };
    // Nobody reads on; a full pipe would stop the server.
    child.stdout?.resume();
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await ended(child, args);
    };
    return { url, stop };
  }
  await ended(child, args);
  throw new Error('serve ended without a word');
}

function launch(databaseUrl: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [commandLine, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment, DATABASE_URL: databaseUrl },
  });
}

function linesOf({ stdout }: ChildProcess): AsyncIterable<string> {
  if (!stdout) throw new Error('the command has no standard output');
  return createInterface({ input: stdout });
}

async function ended(child: ChildProcess, args: readonly string[]): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
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
export function textOf(answer: Answer, field: string): string {
  const value = answer[field];
  if (typeof value !== 'string') throw new Error(`the command's answer has no text "${field}"`);
  return value;
}

/** Of the answer of `import events`. */
export function eventsPerSecond(imported: Answer): number {
  return numberOf(imported, 'accepted') / numberOf(imported, 'seconds');
}
