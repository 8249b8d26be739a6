import { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { loadConfiguration } from '#platform';
import type { CommandContext } from '../../apps/cli/context.js';

/** Runs a command line as `nextpick` would, with the groups of commands that it needs; gives what it printed. */
export async function runCommandLine(
  dataSource: DataSource,
  groups: readonly ((program: Command, context: CommandContext) => void)[],
  words: readonly string[],
): Promise<string> {
  const printed: string[] = [];
  const program = new Command('nextpick').exitOverride().configureOutput({ writeErr: () => undefined });
  for (const register of groups)
    register(program, {
      signal: new AbortController().signal,
      withDatabase: (work) => work(dataSource, loadConfiguration({})),
      print: (text) => printed.push(text),
      exitWith: () => undefined,
    });
  await program.parseAsync(words, { from: 'user' });
  return printed.join('\n');
}
