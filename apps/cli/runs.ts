import type { Command } from 'commander';
import { Option } from 'commander';
import { TrainingRuns, type TrainingRun } from '#runs';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { wholeNumber } from './options.js';
import { formatTable } from './table.js';

/** `runs list` and `runs show ID`. */
export function registerRuns(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('runs').description('what the training job did');
  withCommonOptions(group.command('list'))
    .description('show the runs, the newest first')
    .addOption(new Option('--limit <number>', 'so many at most').default(20).argParser(wholeNumber('--limit')))
    .action(async ({ store, json, limit }: CommonOptions & { readonly limit: number }) => {
      const runs = await withDatabase((dataSource) => new TrainingRuns(dataSource).list(store, limit));
      if (json) print(JSON.stringify({ store, runs }));
      else print(runs.length === 0 ? `Store ${store} has no runs. To train a model: train` : describe(runs));
    });
  withCommonOptions(group.command('show'))
    .description('show all that is known about a run')
    .argument('<id>')
    .action(async (id: string, { store, json }: CommonOptions) => {
      const run = await withDatabase((dataSource) => new TrainingRuns(dataSource).show(store, id));
      print(JSON.stringify(run, null, json ? undefined : 2));
    });
}

function describe(runs: readonly TrainingRun[]): string {
  return formatTable(
    ['id', 'started', 'minutes', 'outcome', 'model', 'why'],
    runs.map(({ id, startedAt, heartbeatAt, finishedAt, outcome, stage, version, reason }) => [
      id,
      startedAt.toISOString(),
      (((finishedAt ?? heartbeatAt).getTime() - startedAt.getTime()) / 60_000).toFixed(1),
      outcome,
      version ?? '-',
      reason ?? `${stage ?? 'beginning'} ...`,
    ]),
  );
}
