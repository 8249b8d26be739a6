import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ReplayOptions, ReplayResult } from './replay.js';

/**
 * Lets a script from outside this project judge the API: `node SCRIPT --data DIR --url URL --key KEY`, whose last line is an
 * object with `cases`, `failed`, `P@20`, `MRR@20`, `req/s`, `p50 ms`, `p90 ms` and `p99 ms`.
 */
export async function judgeOutside(script: string, options: ReplayOptions): Promise<ReplayResult> {
  const { data, url, key, concurrency, limit } = options;
  const args = [script, '--data', data, '--url', url, '--key', key, '--concurrency', String(concurrency)];
  if (limit !== undefined) args.push('--limit', String(limit));
  // It fails when a request failed, and yet says how many.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  process.stderr.write(stderr);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) throw new Error(`${script} did not print its figures`);
  const judged = JSON.parse(last) as Record<string, number>;
  const field = (name: string): number => {
    const value = judged[name];
    if (value === undefined) throw new Error(`${script} did not print "${name}"`);
    return value;
  };
  return {
    cases: field('cases'),
    failed: field('failed'),
    p20: field('P@20'),
    mrr20: field('MRR@20'),
    requestsPerSecond: field('req/s'),
    p50Ms: field('p50 ms'),
    p90Ms: field('p90 ms'),
    p99Ms: field('p99 ms'),
  };
}
