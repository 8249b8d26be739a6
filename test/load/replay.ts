import { Agent } from 'node:http';
import { join } from 'node:path';
import { predictionCases, Tally, type PredictionCase } from '#evaluation';
import { post } from './post.js';
import { quantile } from './quantile.js';
import { readSessions } from './session-file.js';

/** Where to send the requests, and how many. */
export interface ReplayOptions {
  /** A folder with `train.tsv.gz` and `test.tsv.gz`. */
  readonly data: string;
  /** Of the API, without a path. */
  readonly url: string;
  readonly key: string;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** At most so many requests, spread over the whole test period. */
  readonly limit?: number;
}

/** What came back. */
export interface ReplayResult {
  readonly cases: number;
  readonly failed: number;
  /** Percent. */
  readonly p20: number;
  readonly mrr20: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

const CUTOFF = 20;

/**
 * Asks a running API for the next item after every prefix of every test session, and judges the answers: the published
 * protocol, over HTTP. Items that the training file does not have are dropped from the test sessions first.
 * Failed requests count as misses.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const known = new Set((await readSessions(join(options.data, 'train.tsv.gz'))).flat());
  const sessions = await readSessions(join(options.data, 'test.tsv.gz'));
  const all = [...predictionCases(sessions, (item) => known.has(item))];
  const step = Math.max(1, Math.floor(all.length / (options.limit ?? all.length)));
  const cases = all.filter((_, index) => index % step === 0);
  return askAll(cases, options);
}

async function askAll(cases: readonly PredictionCase<string>[], options: ReplayOptions): Promise<ReplayResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const tally = new Tally(CUTOFF);
  const latencies: number[] = [];
  let failed = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let each = cases[next++]; each; each = cases[next++]) {
      const start = performance.now();
      try {
        tally.add(await ask(each.prefix, options, agent), each.target);
      } catch (error) {
        tally.add([], each.target);
        if (failed++ < 3) console.error(String(error));
      }
      latencies.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  const { precision, meanReciprocalRank } = tally.metrics();
  return {
    cases: cases.length,
    failed,
    p20: 100 * precision,
    mrr20: 100 * meanReciprocalRank,
    requestsPerSecond: cases.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p90Ms: quantile(latencies, 0.9),
    p99Ms: quantile(latencies, 0.99),
  };
}

/** The recommended item ids, best first. */
async function ask(items: readonly string[], { url, key }: ReplayOptions, agent: Agent): Promise<string[]> {
  const body = JSON.stringify({ items, count: CUTOFF, repeat: 'all' });
  const { status, text } = await post(`${url}/v1/recommendations`, body, key, agent);
  if (status !== 200) throw new Error(`${status} ${text}`);
  const answer = JSON.parse(text) as { recommendations: { itemId: string }[] };
  return answer.recommendations.map(({ itemId }) => itemId);
}
