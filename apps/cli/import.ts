import type { Command } from 'commander';
import { basename } from 'node:path';
import { CatalogStore, importItems } from '#catalog';
import { EventIntake, importEvents, type ImportReport } from '#events';
import type { RejectedLine } from '#platform';
import { SessionStore } from '#sessions';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { createProgress, fileState } from './progress.js';

/** `import events FILE` and `import items FILE`. */
export function registerImport(program: Command, context: CommandContext): void {
  const group = program.command('import').description('bring in files');
  withCommonOptions(group.command('events'))
    .description('import clicks: a table or NDJSON, plain or gzip; goes on where an interrupted import stopped')
    .argument('<file>', 'columns session_id item_id timestamp event_type, or one event of the contract a line')
    .option('--again', 'read a file again that was imported before; known events stay as they are', false)
    .action((path: string, options: CommonOptions & { again: boolean }) => runImportEvents(path, options, context));
  withCommonOptions(group.command('items'))
    .description('import the catalogue: a table or NDJSON, plain or gzip; known items are replaced')
    .argument('<file>', 'column item_id and what else there is, or one item of the contract a line')
    .action((path: string, options: CommonOptions) => runImportItems(path, options, context));
}

async function runImportEvents(
  path: string,
  { store, json, again }: CommonOptions & { again: boolean },
  { withDatabase, print, signal }: CommandContext,
): Promise<void> {
  const progress = createProgress({ title: `Importing ${basename(path)}`, unit: 'events', quiet: json });
  let start = 0;
  try {
    const report = await withDatabase((dataSource, { sessionGapMinutes }) => {
      start = Date.now();
      const intake = new EventIntake(dataSource, new SessionStore(dataSource, sessionGapMinutes * 60_000));
      return importEvents(dataSource, intake, {
        store,
        path,
        again,
        signal,
        onProgress: (read) => {
          progress.update(fileState(read, read.events));
        },
      });
    });
    progress.stop();
    const seconds = (Date.now() - start) / 1000;
    if (json) print(JSON.stringify({ ...report, seconds, peakMemoryMb: process.resourceUsage().maxRSS / 1024 }));
    else for (const line of describeEvents(path, report, seconds)) print(line);
  } finally {
    progress.stop();
  }
}

function describeEvents(path: string, report: ImportReport, seconds: number): string[] {
  const { accepted, duplicates, withheld, rejected, rejections, resumedAfterLine, alreadyImported } = report;
  if (alreadyImported) {
    return [`${path} was imported before: nothing changed. (--again reads it again, should events have been deleted.)`];
  }
  const from = resumedAfterLine > 0 ? `, going on after line ${resumedAfterLine.toLocaleString('en')}` : '';
  const rate = Math.round((accepted + duplicates + withheld) / seconds).toLocaleString('en');
  return [
    `Imported ${accepted.toLocaleString('en')} events from ${path}${from} in ${seconds.toFixed(1)} s (${rate}/s).`,
    ...(duplicates > 0 ? [`${duplicates.toLocaleString('en')} were known already.`] : []),
    ...(withheld > 0
      ? [
          `${withheld.toLocaleString('en')} were left out: their visitors were erased since they occurred, or the store does not keep events so old.`,
        ]
      : []),
    ...describeRejections(rejected, rejections),
  ];
}

/** Lines that were not taken, for a person; nothing where all were. */
export function describeRejections(rejected: number, rejections: readonly RejectedLine[]): string[] {
  if (rejected === 0) return [];
  const more = rejected - rejections.length;
  return [
    `${rejected.toLocaleString('en')} lines were not taken:`,
    ...rejections.map(({ message }) => `  ${message}`),
    ...(more > 0 ? [`  and ${more.toLocaleString('en')} more`] : []),
  ];
}

async function runImportItems(
  path: string,
  { store, json }: CommonOptions,
  { withDatabase, print, signal }: CommandContext,
): Promise<void> {
  const progress = createProgress({ title: `Importing ${basename(path)}`, unit: 'items', quiet: json });
  try {
    const report = await withDatabase((dataSource) =>
      importItems(new CatalogStore(dataSource), {
        store,
        path,
        signal,
        onProgress: (read) => {
          progress.update(fileState(read, read.items));
        },
      }),
    );
    progress.stop();
    if (json) print(JSON.stringify(report));
    else {
      print(`Imported ${report.accepted.toLocaleString('en')} items from ${path}.`);
      for (const line of describeRejections(report.rejected, report.rejections)) print(line);
    }
  } finally {
    progress.stop();
  }
}
