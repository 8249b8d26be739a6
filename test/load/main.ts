import { parseArgs } from 'node:util';
import { DomainError, InvalidInputError } from '#domain';
import { benchFreshness } from './freshness.js';
import { benchImport } from './import.js';
import { benchIngest } from './ingest.js';
import { interrupted } from './interrupted.js';
import { benchMemory } from './memory.js';
import { benchNightly } from './nightly.js';
import { benchQuality } from './quality.js';
import { replay } from './replay.js';
import { printFigures } from './report.js';
import { benchServing } from './serving.js';
import { benchTraining } from './training.js';

const benchmarks: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  training: benchTraining,
  quality: benchQuality,
  import: benchImport,
  ingest: benchIngest,
  freshness: benchFreshness,
  serving: benchServing,
  nightly: benchNightly,
  memory: benchMemory,
  replay: benchReplay,
};

/** `bench replay --data DIR --url URL --key KEY [--concurrency 8] [--limit N] [--json]`: judges an API that is running. */
async function benchReplay(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      url: { type: 'string', default: 'http://127.0.0.1:3000' },
      key: { type: 'string' },
      concurrency: { type: 'string', default: '8' },
      limit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { data, key, url, json } = values;
  if (data === undefined || key === undefined) {
    throw new InvalidInputError('arguments_missing', 'bench replay needs --data DIR and --key KEY');
  }
  const limit = values.limit === undefined ? {} : { limit: Number(values.limit) };
  printFigures({ ...(await replay({ data, key, url, concurrency: Number(values.concurrency), ...limit })) }, json);
}

const [name = '', ...args] = process.argv.slice(2);
const benchmark = benchmarks[name];
try {
  if (!benchmark) {
    throw new InvalidInputError(
      'benchmark_unknown',
      `usage: npm run bench -- ${Object.keys(benchmarks).join('|')} [options]`,
    );
  }
  await benchmark(args);
} catch (error) {
  if (!(error instanceof DomainError) && !interrupted.aborted) throw error;
  console.error(interrupted.aborted ? 'Stopped by Ctrl-C.' : (error as DomainError).message);
  process.exitCode = 1;
}
