import { Option, type Command } from 'commander';
import type { DataSource } from 'typeorm';
import { IDENTIFIER_LENGTH, identifierFault, InvalidInputError } from '#domain';
import { loadConfiguration, openDataSource, resolveDatabase, type Configuration } from '#platform';

/** What a command works with. */
export interface CommandContext {
  /** Aborted by Ctrl-C and by a polite kill. */
  readonly signal: AbortSignal;
  /** Gives a migrated database (DATABASE_URL or the embedded one) to `work`, and closes it afterwards. */
  readonly withDatabase: <T>(work: (dataSource: DataSource, configuration: Configuration) => Promise<T>) => Promise<T>;
  /** Writes a line to standard output. */
  readonly print: (text: string) => void;
  /** Sets what the process exits with once it is done; 0 unless it is called. */
  readonly exitWith: (code: number) => void;
}

/** Options that every command has. */
export interface CommonOptions {
  readonly store: string;
  readonly json: boolean;
}

/** Adds `--store` and `--json`. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--store <name>', 'the shop, for installations with several').default('default').argParser(parseStore),
    )
    .option('--json', 'print one JSON object instead of text', false);
}

function parseStore(name: string): string {
  const fault = identifierFault(name);
  if (fault === undefined) return name;
  throw new InvalidInputError('store_invalid', `--store ${fault}; give a name of 1 to ${IDENTIFIER_LENGTH} characters`);
}

export function createContext(signal: AbortSignal): CommandContext {
  return {
    signal,
    withDatabase: async (work) => {
      const configuration = loadConfiguration();
      const database = await resolveDatabase(configuration);
      try {
        const dataSource = await openDataSource(database.url);
        try {
          return await work(dataSource, configuration);
        } finally {
          await dataSource.destroy();
        }
      } finally {
        await database.stop();
      }
    },
    print: (text) => {
      process.stdout.write(`${text}\n`);
    },
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}
