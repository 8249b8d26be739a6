import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { CatalogStore } from '#catalog';
import { formatOf, MEASURES, nameOf, type EvaluationReport } from '#evaluation';
import { readSessionFile, type SessionFile } from '#events';
import { ModelRegistry } from '#registry';
import { SessionStore } from '#sessions';
import { evaluateStore, type EvaluateStoreResult } from '../trainer/index.js';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { describeRejections } from './import.js';
import { requireWritable, writeWhole } from './output-file.js';
import { createProgress, fileState } from './progress.js';
import { formatTable } from './table.js';
import { showTraining } from './training-progress.js';

interface EvaluateOptions extends CommonOptions {
  readonly model?: string;
  readonly file?: string;
  readonly output?: string;
}

/** `evaluate`: how good a model is, beside simpler ways. */
export function registerEvaluate(program: Command, context: CommandContext): void {
  withCommonOptions(program.command('evaluate'))
    .description('see how well a model predicts what visitors do next, beside simpler ways')
    .option('--model <version>', 'the version to judge (default: the one in service)')
    .option('--file <file>', 'judge on the sessions of an event file, as `import events` takes it; nothing is imported')
    .option('--output <file>', 'where the page is written (default: report-VERSION.html in this folder)')
    .action((options: EvaluateOptions) => runEvaluate(options, context));
}

async function runEvaluate(options: EvaluateOptions, context: CommandContext): Promise<void> {
  const { store, json, model, file, output } = options;
  const { withDatabase, signal, print } = context;
  await requireWritable(resolve(output ?? 'report.html'), '--output');
  const progress = showTraining({ quiet: json });
  try {
    let source: SessionFile | undefined;
    const result = await withDatabase((dataSource, { sessionGapMinutes }) => {
      const gapMs = sessionGapMinutes * 60_000;
      const sessions = new SessionStore(dataSource, gapMs);
      const ports = { sessions, catalog: new CatalogStore(dataSource), registry: new ModelRegistry(dataSource) };
      const read = async (path: string) => (source = await readFile(path, gapMs, options, context)).sessions;
      return evaluateStore(ports, store, {
        ...(model !== undefined && { version: model }),
        ...(file !== undefined && { other: { name: basename(file), read: () => read(file) } }),
        signal,
        onProgress: progress.onProgress,
      });
    });
    progress.stop();
    const path = resolve(output ?? `report-${result.version}.html`);
    await writeWhole(path, result.page);
    if (json) print(JSON.stringify(result.report));
    else for (const line of describe(store, result, path, source)) print(line);
  } finally {
    progress.stop();
  }
}

async function readFile(
  path: string,
  gapMs: number,
  { store, json }: EvaluateOptions,
  { signal }: CommandContext,
): Promise<SessionFile> {
  const progress = createProgress({ title: `Reading ${basename(path)}`, unit: 'events', quiet: json });
  try {
    return await readSessionFile({
      store,
      path,
      gapMs,
      signal,
      onProgress: (read) => {
        progress.update(fileState(read, read.events));
      },
    });
  } finally {
    progress.stop();
  }
}

function describe(
  store: string,
  { version, report, tooFewCases }: EvaluateStoreResult,
  path: string,
  source: SessionFile | undefined,
): string[] {
  const { data, subject, createdAt } = report;
  const number = (value: number): string => value.toLocaleString('en');
  return [
    ...(tooFewCases === null
      ? []
      : [
          `Store ${store} has ${tooFewCases} predictions to judge by in its sessions since model ${version} was trained: too few. ` +
            `This is the report that was stored with the model on ${day(createdAt)}; ` +
            'to judge it on other sessions, give their file: evaluate --file FILE',
        ]),
    measuresTable(report),
    subject,
    `${number(data.cases)} predictions in ${number(data.sessions)} sessions that ended from ${day(data.from)} to ${day(data.until)}; in brackets, 95% intervals.`,
    ...(source ? describeRejections(source.rejected, source.rejections) : []),
    `The page, with slices, curves and examples: ${path} (from the API: /v1/models/${version}/report)`,
  ];
}

/** Such as `2026-01-31`, in UTC. */
const day = (iso: string): string => iso.slice(0, 10);

/** A ranker a line; measures that no ranker has are left out. */
function measuresTable({ rankers, cutoff }: EvaluationReport): string {
  const shown = MEASURES.filter((measure) => rankers.some(({ measures }) => measures[measure]));
  return formatTable(
    ['ranker', ...shown.map((measure) => nameOf(measure, cutoff))],
    rankers.map(({ name, measures }) => [
      name,
      ...shown.map((measure) => {
        const estimate = measures[measure];
        if (!estimate) return '-';
        const format = formatOf(measure);
        const { value, low, high } = estimate;
        const bounds = [low, high].map((bound) => format(bound).replace('%', ''));
        return low === high ? format(value) : `${format(value)} (${bounds.join('-')})`;
      }),
    ]),
  );
}
