import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { InvalidInputError } from '#domain';
import { openDataSource } from '#platform';
import { duration, wholeNumber } from '../../apps/cli/options.js';
import { makeKey, startServer, withRole, type Role } from './command.js';
import { withOwnDatabase } from './own-database.js';
import { post } from './post.js';
import {
  cpuSecondsByName,
  differences,
  memoryMb,
  peakMemoryMb,
  postmasterOf,
  stolenCpuSeconds,
  tellsUsage,
} from './process-usage.js';
import { printFigures } from './report.js';
import type { BareAnswer } from './serving/bare-process.js';
import { Child } from './serving/child.js';
import type { Load, LoadResult } from './serving/load.js';
import { soak } from './serving/soak.js';
import type { StoreContents } from './serving/store-process.js';
import { secondVersion, SESSION_GAP_MINUTES } from './serving/store.js';

const PATH = '/v1/recommendations';
const COUNT = 20;
/** In a closed loop, to find out how much a server can do. */
const CONNECTIONS = 32;
/** V8 goes on compiling for some 10 s, the server and then what sends the load, in threads of its own on the same processors. */
const WARM_UP_SECONDS = 10;
const PACED_WARM_UP_SECONDS = 5;
const CAPACITY_SECONDS = 10;
const OVERLOAD_SECONDS = 20;
const SOAK_PER_SECOND = 300;
/** Asked before all else, to see that the answers come from the visits. */
const SAMPLE = 100;

interface Plan {
  readonly rate: number;
  readonly seconds: number;
  readonly soakSeconds: number;
}

/**
 * `bench serving --data DIR [--model-from DATABASE_URL] [--rate 1500] [--seconds 60] [--soak 10m] [--json]`: recommendations for
 * visitors whose open sessions are read from Postgres, in a database of its own with `train.tsv.gz` in it; API, Postgres and load
 * generator are on this machine.
 *
 * One after the other: to warm up, 10 s of the closed loop below and 5 s of the open one; an open loop of `rate` requests a second; the
 * most that a closed loop of 32 connections gets (capacity); an open loop of twice that (overload); with `--soak`, 300 a second for that
 * time while two versions of the model are swapped every 30 s; and what the same closed loop gets from a Fastify route that answers with
 * the same bytes (bare; `ratio` is capacity by bare).
 * With `--model-from` it takes the model in service in the store `default` of that database, which is only read, rather than train one.
 */
export async function benchServing(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      'model-from': { type: 'string' },
      rate: { type: 'string', default: '1500' },
      seconds: { type: 'string', default: '60' },
      soak: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { data } = values;
  if (data === undefined) {
    throw new InvalidInputError(
      'data_missing',
      'bench serving needs --data DIR, a folder with train.tsv.gz and test.tsv.gz',
    );
  }
  const plan = {
    rate: wholeNumber('--rate')(values.rate),
    seconds: wholeNumber('--seconds')(values.seconds),
    soakSeconds: values.soak === undefined ? 0 : duration('--soak')(values.soak),
  };
  const figures = await withOwnDatabase(async (url) => {
    // In a process that ends: what it leaves behind V8 would collect while requests are measured, on the same processors.
    const { visitorIds } = await Child.run('store-process', (store) =>
      store.ask<{ visitorIds: string[] }>({ url, data, modelFrom: values['model-from'] } satisfies StoreContents),
    );
    const dataSource = await openDataSource(url);
    try {
      return await measure(url, dataSource, visitorIds, plan);
    } finally {
      await dataSource.destroy();
    }
  });
  printFigures(figures, values.json);
}

async function measure(
  url: string,
  dataSource: DataSource,
  visitorIds: readonly string[],
  plan: Plan,
): Promise<Record<string, number>> {
  const bodies = visitorIds.map((visitorId) => JSON.stringify({ visitorId, count: COUNT }));
  const key = await makeKey(url, 'public');
  return Child.run('generator-process', async (generator) => {
    const pids = { postgres: await postmasterOf(dataSource), generator: generator.pid };
    const { text, figures } = await withRole(
      startServer(url, { SESSION_GAP_MINUTES: String(SESSION_GAP_MINUTES) }),
      async (api) => {
        const text = await sampleAnswer(api, key, bodies);
        const load = { url: api.url, path: PATH, key, bodies };
        return { text, figures: await loadApi(url, api, { generator, load, pids }, plan) };
      },
    );
    const bareRequestsPerSecond = await loadBare(generator, { path: PATH, text }, { path: PATH, key, bodies });
    return { ...figures, bareRequestsPerSecond, ratio: figures.capacityPerSecond / bareRequestsPerSecond };
  });
}

interface Testing {
  readonly generator: Child;
  readonly load: Omit<Load, 'pace' | 'seconds'>;
  readonly pids: Readonly<Record<string, number>>;
}

async function loadApi(
  databaseUrl: string,
  api: Role,
  { generator, load, pids }: Testing,
  { rate, seconds, soakSeconds }: Plan,
): Promise<{ readonly capacityPerSecond: number } & Readonly<Record<string, number>>> {
  const run = (pace: Load['pace'], seconds: number): Promise<LoadResult> =>
    generator.ask<LoadResult>({ ...load, pace, seconds });
  const warmUp = await run({ connections: CONNECTIONS }, WARM_UP_SECONDS);
  await run({ perSecond: rate }, PACED_WARM_UP_SECONDS);
  console.error(`${rate} requests a second ...`);
  const all = { api: api.pid, ...pids };
  const usage = async (): Promise<Record<string, number>> => ({
    ...(await cpuSecondsByName(all)),
    ...(await stolenCpuSeconds()),
  });
  const before = await usage();
  const steady = await run({ perSecond: rate }, seconds);
  const used = differences(await usage(), before);
  console.error('as many requests as it can take ...');
  const capacity = await run({ connections: CONNECTIONS }, CAPACITY_SECONDS);
  const capacityPerSecond = capacity.answered / capacity.seconds;
  console.error('twice that ...');
  const memoryBefore = await memoryMb(api.pid);
  const overload = await run({ perSecond: 2 * capacityPerSecond }, OVERLOAD_SECONDS);
  const memoryAfter = await memoryMb(api.pid);
  for (const { failure } of [warmUp, steady, capacity, overload]) if (failure !== null) console.error(failure);
  return {
    warmUpPerSecond: warmUp.answered / warmUp.seconds,
    warmUpP99Ms: warmUp.p99Ms,
    requestsPerSecond: steady.answered / steady.seconds,
    p50Ms: steady.p50Ms,
    p90Ms: steady.p90Ms,
    p99Ms: steady.p99Ms,
    maxMs: steady.maxMs,
    errors: steady.refused + steady.failed,
    ...used,
    capacityPerSecond,
    overloadPerSecond: overload.requests / OVERLOAD_SECONDS,
    overloadAnsweredPerSecond: overload.answered / overload.seconds,
    overloadP99Ms: overload.p99Ms,
    overloadRefusedShare: overload.refused / overload.requests,
    overloadRefusedP99Ms: overload.refusedP99Ms,
    overloadErrors: overload.failed,
    ...(tellsUsage && { overloadMemoryBeforeMb: memoryBefore, overloadMemoryAfterMb: memoryAfter }),
    ...(soakSeconds > 0 && (await swapModels(databaseUrl, api, run({ perSecond: SOAK_PER_SECOND }, soakSeconds)))),
    ...(tellsUsage && { apiPeakMemoryMb: await peakMemoryMb(api.pid) }),
  };
}

async function swapModels(
  databaseUrl: string,
  { url, pid }: Role,
  load: Promise<LoadResult>,
): Promise<Record<string, number>> {
  console.error('models are swapped ...');
  const key = await makeKey(databaseUrl, 'secret');
  return soak(load, { url, key, versions: await secondVersion(databaseUrl), pid });
}

/** @returns requests a second */
function loadBare(generator: Child, answer: BareAnswer, load: Omit<Load, 'url' | 'pace' | 'seconds'>): Promise<number> {
  console.error('the bare route ...');
  return Child.run('bare-process', async (server) => {
    const { url } = await server.ask<{ url: string }>(answer);
    const run = (seconds: number): Promise<LoadResult> =>
      generator.ask({ ...load, url, pace: { connections: CONNECTIONS }, seconds });
    await run(WARM_UP_SECONDS);
    const { answered, seconds } = await run(CAPACITY_SECONDS);
    return answered / seconds;
  });
}

/** @returns one answer, as text. @throws Error when answers are not full, or too few come from the model */
async function sampleAnswer({ url }: Role, key: string, bodies: readonly string[]): Promise<string> {
  const agent = new Agent({ keepAlive: true });
  let byModel = 0;
  let sample = '';
  for (const body of bodies.slice(0, SAMPLE)) {
    const { status, text } = await post(`${url}${PATH}`, body, key, agent);
    if (status !== 200) throw new Error(`${status} ${text}`);
    const { recommendations } = JSON.parse(text) as { recommendations: { source: string }[] };
    if (recommendations.length !== COUNT) throw new Error(`an answer has ${recommendations.length} items: ${text}`);
    if (['network', 'neighbours'].includes(recommendations[0]?.source ?? '')) byModel += 1;
    sample = text;
  }
  agent.destroy();
  if (byModel < SAMPLE / 2) throw new Error(`only ${byModel} of ${SAMPLE} answers come from the model`);
  return sample;
}
