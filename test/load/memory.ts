import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LstmRecipe } from '#lstm';
import { wholeNumber } from '../../apps/cli/options.js';
import { eventsPerSecond, numberOf, runCommand, runToEnd, type Answer, type Ending } from './command.js';
import { writeRecords } from './event-file.js';
import { withOwnDatabase } from './own-database.js';
import { printFigures } from './report.js';
import { SimulatedShops } from './simulated-shops.js';

/** The job may have less than this, in MB of 2^20 bytes. */
const LIMIT_MB = 3_072;
/** Five weeks. */
const DAYS = 35;
/** The default one but for its epochs: a second one takes as long as the first and no more memory. */
const RECIPE: Partial<LstmRecipe> = { epochs: 1 };

/**
 * `bench memory [--events 20000000] [--items 50000] [--budget 20m] [--json]`: the most memory that the nightly job takes, in a process of its
 * own, in a database of its own with about N simulated events of five weeks, which `import` has made sessions of. The job is as it is for
 * everybody (data checks, a challenger without the newest sessions, the gate, the model of all sessions) and learns from all sessions, with
 * the default recipe, but in one epoch instead of ten; with `--budget` the network from as many of the newest as there is time for. Whatever
 * the gate says is overridden: what follows a promotion takes memory too, and how good so short a training is depends on the machine. It
 * fails when the job takes 3 GB or more, or puts no model in service. Needs 1 KB of disk an event in the folder for temporary files.
 */
export async function benchMemory(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '20000000' },
      items: { type: 'string', default: '50000' },
      budget: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const shops = new SimulatedShops({
    events: wholeNumber('--events')(values.events),
    items: wholeNumber('--items')(values.items),
    days: DAYS,
    until: Date.now(),
  });
  await withOwnDatabase(async (url) => {
    const imported = await importAll(url, shops);
    console.error('training ...');
    const within = values.budget === undefined ? [] : ['--budget', values.budget];
    const job = ['train', '--json', '--promote', 'always', '--recipe', JSON.stringify(RECIPE), ...within];
    const ending = await runToEnd(url, job);
    const figures = { ...importFigures(imported), ...jobFigures(ending), ...(await stagesOf(url, ending)) };
    for (const fault of faultsOf(ending)) {
      console.error(`NOT AS IT SHOULD BE: ${fault}.`);
      process.exitCode = 1;
    }
    printFigures(figures, values.json);
  });
}

/** The catalogue and the events, by a file each. */
async function importAll(url: string, shops: SimulatedShops): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-bench-'));
  try {
    const items = await writeRecords(join(folder, 'items.ndjson'), shops.items());
    await runCommand(url, ['import', 'items', items, '--json']);
    console.error('simulating ...');
    const file = await writeRecords(join(folder, 'events.ndjson'), shops.events());
    console.error('importing ...');
    return await runCommand(url, ['import', 'events', file, '--json']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const importFigures = (imported: Answer): Record<string, number> => ({
  events: numberOf(imported, 'accepted'),
  importEventsPerSecond: eventsPerSecond(imported),
  importPeakMemoryMb: numberOf(imported, 'peakMemoryMb'),
});

/** What a job says that did not fail. */
function jobFigures({ answer }: Ending): Record<string, number> {
  const told = ['sessions', 'items', 'clicks', 'p20', 'mrr20', 'peakMemoryMb', 'trainSeconds'];
  const found = told.flatMap((name) => (typeof answer?.[name] === 'number' ? [[name, answer[name]]] : []));
  return { ...(Object.fromEntries(found) as Record<string, number>), limitMb: LIMIT_MB };
}

/** Seconds of each stage of the job: `readingSeconds` and so on, up to the moment when the model is stored. */
async function stagesOf(url: string, { answer }: Ending): Promise<Record<string, number>> {
  if (typeof answer?.runId !== 'string') return {};
  const run = await runCommand(url, ['runs', 'show', answer.runId, '--json']);
  const { usage } = run.details as { readonly usage?: { readonly stages: Readonly<Record<string, number>> } };
  return Object.fromEntries(
    Object.entries(usage?.stages ?? {}).map(([stage, seconds]) => [`${stage}Seconds`, seconds]),
  );
}

/** What should be and is not, in sentences. */
function faultsOf({ answer, complaint }: Ending): string[] {
  if (answer?.outcome !== 'promoted') return [`the job put no model in service: ${reasonOf(answer) ?? complaint}`];
  const peakMemoryMb = numberOf(answer, 'peakMemoryMb');
  return peakMemoryMb < LIMIT_MB ? [] : [`the job took ${Math.round(peakMemoryMb)} MB, ${LIMIT_MB} or more`];
}

const reasonOf = (answer: Answer | null): string | null => (typeof answer?.reason === 'string' ? answer.reason : null);
