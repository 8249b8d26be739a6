import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InvalidInputError } from '#domain';
import { timeAnswers } from './answers.js';
import { eventsPerSecond, makePublicKey, numberOf, runCommand, startServer, withRole, type Answer } from './command.js';
import { judgeOutside } from './outside-judge.js';
import { withOwnDatabase } from './own-database.js';
import { replay, type ReplayOptions, type ReplayResult } from './replay.js';
import { printFigures } from './report.js';

/**
 * `bench quality --data DIR [--replay SCRIPT] [--recipe JSON] [--budget 30m] [--limit N] [--json]`: the whole chain on a data folder, in a database
 * of its own. Imports `train.tsv.gz`, trains, serves, and asks over HTTP for the next item after every prefix of `test.tsv.gz`.
 * Each step is a process of its own, so that its peak memory is its own.
 */
export async function benchQuality(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      replay: { type: 'string' },
      recipe: { type: 'string' },
      budget: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { data } = values;
  if (data === undefined) {
    throw new InvalidInputError(
      'data_missing',
      'bench quality needs --data DIR, a folder with train.tsv.gz and test.tsv.gz',
    );
  }
  await withOwnDatabase(async (url) => {
    console.error('importing train.tsv.gz ...');
    const imported = await runCommand(url, ['import', 'events', join(data, 'train.tsv.gz'), '--json']);
    const recipe = values.recipe === undefined ? [] : ['--recipe', values.recipe];
    const budget = values.budget === undefined ? [] : ['--budget', values.budget];
    console.error('training ...');
    const trained = await runCommand(url, ['train', ...recipe, ...budget, '--json']);
    console.error('serving, and asking for every next item of test.tsv.gz ...');
    const key = await makePublicKey(url);
    const limit = values.limit === undefined ? {} : { limit: Number(values.limit) };
    const judged = await judge(url, { data, key, concurrency: 8, ...limit }, values.replay);
    const times = await timeAnswers(url, data);
    printFigures({ ...figuresOf(imported, trained, judged), ...times }, values.json);
  });
}

function judge(
  databaseUrl: string,
  options: Omit<ReplayOptions, 'url'>,
  script: string | undefined,
): Promise<ReplayResult> {
  return withRole(startServer(databaseUrl), ({ url }) => {
    const request = { ...options, url };
    return script === undefined ? replay(request) : judgeOutside(script, request);
  });
}

function figuresOf(imported: Answer, trained: Answer, judged: ReplayResult): Record<string, number> {
  return {
    p20: judged.p20,
    mrr20: judged.mrr20,
    validationP20: numberOf(trained, 'p20'),
    validationMrr20: numberOf(trained, 'mrr20'),
    cases: judged.cases,
    trainSeconds: numberOf(trained, 'trainSeconds'),
    peakMemoryMb: numberOf(trained, 'peakMemoryMb'),
    artefactMb: numberOf(trained, 'artefactMb'),
    importEventsPerSecond: eventsPerSecond(imported),
    importPeakMemoryMb: numberOf(imported, 'peakMemoryMb'),
    requestsPerSecond: judged.requestsPerSecond,
    p50Ms: judged.p50Ms,
    p90Ms: judged.p90Ms,
    p99Ms: judged.p99Ms,
    failedRequests: judged.failed,
  };
}
