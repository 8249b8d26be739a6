import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { OutgoingRecord } from '#kafka';
import { batches, openDataSource } from '#platform';
import { simulateShop, type SimulatedEvent } from '#simulator';
import { wholeNumber } from '../../apps/cli/options.js';
import { demoRecipe } from '../../apps/standalone/demo-shop.js';
import { makePublicKey, runCommand, startIngest, startServer, withRole, type Role } from './command.js';
import { withOwnBroker, type OwnBroker } from './own-broker.js';
import { withOwnDatabase } from './own-database.js';
import { ProbeVisitors, type ApiDoor } from './probe-visitors.js';
import { quantile } from './quantile.js';
import { printFigures } from './report.js';
import { StoredRecords } from './stored-records.js';
import { sendLive, toRecord } from './traffic.js';

const PARTITIONS = 6;
const PRODUCED_AT_ONCE = 5_000;
/** Of traffic before the first probe. */
const WARM_UP_MS = 3_000;

interface Plan {
  /** Events a second of other visitors. */
  readonly rate: number;
  readonly seconds: number;
  readonly probes: number;
}

/**
 * `bench freshness [--rate 2000] [--seconds 30] [--probes 300] [--json]`: how long after a click goes to Kafka the clicker's
 * recommendations show it, while other visitors send `rate` events a second; broker, Postgres, ingest, API and the visitors are on
 * this machine. A probe is a visitor with an open session who clicks what is recommended first. Its time goes from before the click
 * is sent to the first answer that leaves the clicked item out.
 */
export async function benchFreshness(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '30' },
      probes: { type: 'string', default: '300' },
      json: { type: 'boolean', default: false },
    },
  });
  const plan = {
    rate: wholeNumber('--rate')(values.rate),
    seconds: wholeNumber('--seconds')(values.seconds),
    probes: wholeNumber('--probes')(values.probes),
  };
  const figures = await withOwnDatabase((url) =>
    withOwnBroker(PARTITIONS, (broker) =>
      withRole(startIngest(url, broker.environment), async (ingest) => {
        const dataSource = await openDataSource(url);
        try {
          return await measure(url, { broker, ingest, stored: new StoredRecords(dataSource) }, plan);
        } finally {
          await dataSource.destroy();
        }
      }),
    ),
  );
  printFigures(figures, values.json);
}

interface Intake {
  readonly broker: OwnBroker;
  readonly ingest: Role;
  readonly stored: StoredRecords;
}

function measure(url: string, intake: Intake, plan: Plan): Promise<Record<string, number>> {
  const { broker } = intake;
  return broker.withWriter(async (writer) => {
    const history = [...simulateShop({ seed: 1, until: Date.now() }).events()];
    const probes = new ProbeVisitors(plan.probes, (records) => writer.send(broker.topic, records));
    await fill(intake, history, probes.views(history));
    console.error('training ...');
    await runCommand(url, ['train', '--recipe', JSON.stringify(demoRecipe), '--json']);
    const key = await makePublicKey(url);
    return withRole(startServer(url), async (api) => {
      console.error('clicking ...');
      const done = new AbortController();
      const [figures] = await Promise.all([
        probe(probes, { url: api.url, key }, plan, intake.stored).finally(() => {
          done.abort();
        }),
        sendLive(broker, history, plan.rate, done.signal),
      ]);
      return figures;
    });
  });
}

/** A month of visitors, so that there is something to learn, and the probes' sessions. */
async function fill(
  { broker, ingest, stored }: Intake,
  history: readonly SimulatedEvent[],
  views: readonly OutgoingRecord[],
): Promise<void> {
  console.error('a month of visitors ...');
  await broker.withWriter(async (writer) => {
    for (const batch of batches(history, PRODUCED_AT_ONCE)) await writer.send(broker.topic, batch.map(toRecord));
    await writer.send(broker.topic, views);
  });
  await stored.untilAtLeast(history.length + views.length, ingest);
}

async function probe(
  probes: ProbeVisitors,
  door: ApiDoor,
  { seconds }: Plan,
  stored: StoredRecords,
): Promise<Record<string, number>> {
  await pause(WARM_UP_MS);
  const before = await stored.now();
  const times = await probes.clickAll(door, seconds);
  const after = await stored.now();
  return {
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    p99Ms: quantile(times, 0.99),
    maxMs: Math.max(...times),
    probes: times.length,
    loadEventsPerSecond: (after.records - before.records) / ((after.at - before.at) / 1000),
  };
}
