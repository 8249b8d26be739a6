import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a program that has ended left. */
export interface ProgramResult {
  /** Its exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a program to its end.
 * @param input what it reads from standard input
 * @throws Error with the code ENOENT when there is no such program
 */
export async function runProgram(
  program: string,
  programArguments: readonly string[],
  { input = '', environment = process.env }: { input?: string | Buffer; environment?: NodeJS.ProcessEnv } = {},
): Promise<ProgramResult> {
  const child = spawn(program, programArguments, { env: environment, windowsHide: true });
  const ended = once(child, 'close') as Promise<[number | null]>;
  // A program may end before it has read all; its status tells how that went.
  child.stdin.on('error', () => undefined).end(input);
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, output, errors };
}

/** The last lines of what a Java program printed, without plain messages of its log and the frames of stack traces. */
export function endOfOutput(text: string): string {
  const lines = text.split('\n').filter((line) => !/^\s*$|^\S+ INFO |^\s+(?:at |\.\.\. \d+ more)/.test(line));
  return lines.slice(-12).join('\n');
}
