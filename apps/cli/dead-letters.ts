import type { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { ApiKeys } from '#access';
import { DeadLetters, EventIntake, StreamOffsets, type DeadLetterSelection, type KeptDeadLetter } from '#events';
import type { Configuration } from '#platform';
import { SessionStore } from '#sessions';
import { KnownStores, RecordStore } from '../ingest/index.js';
import type { CommandContext } from './context.js';
import { wholeNumber } from './options.js';
import { formatTable } from './table.js';

interface SelectionOptions {
  readonly json: boolean;
  readonly code?: string;
  readonly topic?: string;
}

const LETTERS_PER_READ = 500;
const VALUE_SHOWN = 60;

/** `dead-letters list|replay`: what came over Kafka and could not be taken. */
export function registerDeadLetters(program: Command, { withDatabase, signal, print }: CommandContext): void {
  const group = program.command('dead-letters').description('records from Kafka that could not be taken');
  withSelection(group.command('list'))
    .description('show them, the oldest first, each with the reason')
    .option('--limit <number>', 'at most so many', wholeNumber('--limit'), 50)
    .action(async ({ json, limit, ...selection }: SelectionOptions & { limit: number }) => {
      const { letters, open } = await withDatabase(async (dataSource) => {
        const kept = new DeadLetters(dataSource);
        return { letters: await kept.open({ ...selection, limit }), open: await kept.countOpen(selection) };
      });
      if (json) print(JSON.stringify({ open, deadLetters: letters.map(toPlain) }));
      else print(open === 0 ? 'There are no dead letters.' : describe(letters, open));
    });
  withSelection(group.command('replay'))
    .description('try them again, once the reason is mended; what is taken leaves the list')
    .action(async ({ json, ...selection }: SelectionOptions) => {
      const outcome = await withDatabase((dataSource, configuration) =>
        replay(dataSource, configuration, selection, signal),
      );
      if (json) print(JSON.stringify(outcome));
      else {
        print(`${outcome.replayed} replayed, ${outcome.refused} still not taken.`);
        for (const [code, message] of Object.entries(outcome.reasons)) print(`  ${code}: ${message}`);
      }
    });
}

function withSelection(command: Command): Command {
  return command
    .option('--code <code>', 'only those refused for this reason, such as unknown_store')
    .option('--topic <topic>', 'only those of this topic')
    .option('--json', 'print one JSON object instead of text', false);
}

interface ReplayOutcome {
  readonly replayed: number;
  readonly refused: number;
  /** Of those that are still not taken: an example of each code. */
  readonly reasons: Readonly<Record<string, string>>;
}

async function replay(
  dataSource: DataSource,
  { sessionGapMinutes }: Configuration,
  selection: Omit<DeadLetterSelection, 'limit'>,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const deadLetters = new DeadLetters(dataSource);
  const intake = new EventIntake(dataSource, new SessionStore(dataSource, sessionGapMinutes * 60_000));
  const stores = new KnownStores(new ApiKeys(dataSource));
  const records = new RecordStore(dataSource, intake, new StreamOffsets(dataSource), deadLetters, stores);
  const reasons: Record<string, string> = {};
  let [replayed, refused] = [0, 0];
  let after: KeptDeadLetter | undefined;
  for (;;) {
    const letters = await deadLetters.open({ ...selection, limit: LETTERS_PER_READ, ...(after && { after }) });
    if (letters.length === 0) return { replayed, refused, reasons };
    for (const letter of letters) {
      signal.throwIfAborted();
      const rejection = await records.replay(letter);
      if (rejection) {
        refused += 1;
        reasons[rejection.code] ??= rejection.message;
      } else replayed += 1;
    }
    after = letters.at(-1);
  }
}

/** For a program; bytes that are not UTF-8 have the replacement character. */
function toPlain({
  cluster,
  topic,
  partition,
  offset,
  rejection,
  key,
  value,
  receivedAt,
  publishedAt,
}: KeptDeadLetter) {
  return {
    cluster,
    topic,
    partition,
    offset,
    ...rejection,
    receivedAt,
    publishedAt,
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
  };
}

function describe(letters: readonly KeptDeadLetter[], open: number): string {
  const table = formatTable(
    ['received', 'topic', 'partition', 'offset', 'code', 'reason', 'value'],
    letters.map(({ receivedAt, topic, partition, offset, rejection, value }) => [
      receivedAt.toISOString(),
      topic,
      String(partition),
      String(offset),
      rejection.code,
      rejection.message,
      shorten(value),
    ]),
  );
  return letters.length < open ? `${table}\n${open - letters.length} more; see --limit.` : table;
}

/** Control characters would spoil a terminal. */
function shorten(value: Buffer | null): string {
  if (!value) return '(none)';
  const text = value.toString('utf8', 0, VALUE_SHOWN * 4).replace(/\p{Cc}/gu, ' ');
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}...` : text;
}
