import { join } from 'node:path';
import { predictionCases } from '#evaluation';
import { openDataSource } from '#platform';
import { ModelRegistry } from '#registry';
import { ScoringModel } from '#scoring';
import { quantile } from './quantile.js';
import { readSessions } from './session-file.js';

/** Milliseconds of one answer. */
export interface AnswerTimes {
  readonly answerP50Ms: number;
  readonly answerP99Ms: number;
}

const STORE = 'default';
const CASES = 5_000;
const COUNT = 20;

/**
 * How long the model in service takes for an answer of 20 items, in this process, on one thread and one session at a time: network,
 * neighbours and blend, without HTTP and database. Sessions are prefixes of `test.tsv.gz`, spread over all of it.
 */
export async function timeAnswers(databaseUrl: string, data: string): Promise<AnswerTimes> {
  const model = await openModelInService(databaseUrl);
  try {
    const indexesOf = (items: readonly string[]): number[] => items.flatMap((item) => model.indexOf(item) ?? []);
    const sessions = (await readSessions(join(data, 'test.tsv.gz'))).map(indexesOf);
    const prefixes = [...predictionCases(sessions)].map(({ prefix }) => prefix);
    const step = Math.max(1, Math.floor(prefixes.length / CASES));
    const times: number[] = [];
    for (const items of prefixes.filter((_, i) => i % step === 0)) {
      const start = performance.now();
      await model.score([{ items, excluded: [], alwaysExcluded: new BigInt64Array(), count: COUNT }]);
      times.push(performance.now() - start);
    }
    return { answerP50Ms: quantile(times, 0.5), answerP99Ms: quantile(times, 0.99) };
  } finally {
    await model.release();
  }
}

async function openModelInService(databaseUrl: string): Promise<ScoringModel> {
  const dataSource = await openDataSource(databaseUrl);
  try {
    const registry = new ModelRegistry(dataSource);
    const version = await registry.inService(STORE);
    if (version === null) throw new Error('no model is in service');
    const { manifest, files } = await registry.load(STORE, version);
    return await ScoringModel.open(files, manifest.maximumLength, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
    });
  } finally {
    await dataSource.destroy();
  }
}
