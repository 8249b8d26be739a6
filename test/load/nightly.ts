import { parseArgs } from 'node:util';
import { InvalidInputError } from '#domain';
import { openDataSource } from '#platform';
import { wholeNumber } from '../../apps/cli/options.js';
import { runNights } from './nightly/nightly-run.js';
import { trainRealNights } from './nightly/real-nights.js';
import { faultsOf, verdictOn } from './nightly/verdict.js';
import { withOwnDatabase } from './own-database.js';
import { printFigures } from './report.js';

const MOST_MINUTES = 30;
/** Of a warm start: its share of a cold run's time, and points that it may be behind. */
const MOST_WARM_SHARE = 0.4;
const MOST_WARM_LOSS = 0.3;

/**
 * `bench nightly [--nights 14] [--seed 1] [--items 3000] [--visits 1500] [--drift 1] [--rate 40] [--garbage-night 6] [--broken-night 10]
 * [--json]`: the nights of a simulated shop whose taste drifts and whose items come and go, in a database of its own, with the real
 * job in a process of its own every night, and two processes of `serve` under a steady load of `rate` requests a second. The day before the
 * garbage night brings garbage events, which the shop has erased in the morning; before the broken night the shop sends a catalogue in
 * which every id is another, and the right one in the morning. Night 0 is none.
 *
 * Every day, before it is learnt, the model in service and the one of the first night predict its sessions. It fails when the model in
 * service does not beat the first one in P@20 and MRR@20 on a night after the third, a bad night promotes, another night fails, a
 * request fails, or it takes 30 minutes.
 *
 * `bench nightly --data DIR [--nights 2] [--json]`: what a start from the model in service costs and saves, on real sessions; see
 * `trainRealNights`. It fails when such a run takes more than 40% of the time of one from nothing, or its model is more than 0.3
 * points behind.
 */
export async function benchNightly(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      nights: { type: 'string' },
      seed: { type: 'string', default: '1' },
      items: { type: 'string', default: '3000' },
      visits: { type: 'string', default: '1500' },
      drift: { type: 'string', default: '1' },
      rate: { type: 'string', default: '40' },
      'garbage-night': { type: 'string', default: '6' },
      'broken-night': { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.data !== undefined) {
    await benchWarmStart({ data: values.data, nights: wholeNumber('--nights')(values.nights ?? '2') }, values.json);
    return;
  }
  const plan = {
    nights: wholeNumber('--nights')(values.nights ?? '14'),
    seed: wholeNumber('--seed')(values.seed),
    items: wholeNumber('--items')(values.items),
    visits: wholeNumber('--visits')(values.visits),
    drift: driftOf(values.drift),
    rate: wholeNumber('--rate')(values.rate),
    garbageNight: Number(values['garbage-night']),
    brokenNight: Number(values['broken-night']),
  };
  const start = performance.now();
  const result = await withOwnDatabase(async (url) => {
    const dataSource = await openDataSource(url);
    try {
      return await runNights(url, dataSource, plan);
    } finally {
      await dataSource.destroy();
    }
  });
  const minutes = (performance.now() - start) / 60_000;
  const { requests, failedRequests } = result;
  const verdict = verdictOn(result.nights);
  const faults = faultsOf(verdict, failedRequests);
  if (minutes >= MOST_MINUTES) faults.push(`it took ${MOST_MINUTES} minutes or more`);
  for (const fault of faults) console.error(`NOT AS IT SHOULD BE: ${fault}.`);
  if (faults.length > 0) process.exitCode = 1;
  const swaps = result.nights.flatMap(({ swapMs }) => swapMs ?? []);
  printFigures(
    {
      nights: result.nights.length,
      failedRequests,
      ...verdict,
      requests,
      promotions: swaps.length,
      longestSwapMs: Math.max(...swaps),
      leastAheadP20: leastAhead(result.nights, 'p20'),
      leastAheadMrr20: leastAhead(result.nights, 'mrr20'),
      minutes,
    },
    values.json,
  );
}

async function benchWarmStart(plan: { readonly data: string; readonly nights: number }, json: boolean): Promise<void> {
  const figures = await withOwnDatabase(async (url) => {
    const dataSource = await openDataSource(url);
    try {
      return await trainRealNights(url, dataSource, plan);
    } finally {
      await dataSource.destroy();
    }
  });
  if (figures.warmShare > MOST_WARM_SHARE || figures.warmLoss > MOST_WARM_LOSS) {
    console.error(
      `NOT AS IT SHOULD BE: a start from the model in service takes at most ${MOST_WARM_SHARE} of the time and costs at most ${MOST_WARM_LOSS} points.`,
    );
    process.exitCode = 1;
  }
  printFigures({ ...figures }, json);
}

/** The smallest lead of the model in service after the nights of grace, in points. */
function leastAhead(nights: Awaited<ReturnType<typeof runNights>>['nights'], measure: 'p20' | 'mrr20'): number {
  const leads = nights
    .filter(({ night }) => night > 3)
    .map(({ judged }) => judged.promoted[measure] - judged.frozen[measure]);
  return Math.min(...leads);
}

function driftOf(text: string): number {
  const drift = Number(text);
  if (text !== '' && drift >= 0 && drift <= 10) return drift;
  throw new InvalidInputError('option_invalid', `--drift must be a number from 0 to 10, not "${text}"`);
}
