import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { batches, openDataSource } from '#platform';
import { wholeNumber } from '../../apps/cli/options.js';
import { startIngest, withRole, type Role } from './command.js';
import { CopiedEvents } from './copied-events.js';
import { interrupted } from './interrupted.js';
import { withOwnBroker, type OwnBroker } from './own-broker.js';
import { withOwnDatabase } from './own-database.js';
import { cpuSecondsByName, differences, peakMemoryMb, postmasterOf, tellsUsage } from './process-usage.js';
import { printFigures } from './report.js';
import { RoleMetrics } from './role-metrics.js';
import { simulatedEvents } from './simulated-events.js';
import { StoredRecords } from './stored-records.js';
import { toRecord } from './traffic.js';

/** Events in one request to the broker. */
const PRODUCED_AT_ONCE = 5_000;

/**
 * `bench ingest [--events N] [--partitions 6] [--json]`: how fast one ingest process makes events and sessions of N simulated events
 * (1,000,000) that wait in Kafka, and then, on the same Postgres, how fast one `COPY` puts the same events into an empty events table.
 * The time begins with the first poll that sees stored records, which don't count, and ends when all are stored: starting the process
 * and joining the group are left out.
 */
export async function benchIngest(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '1000000' },
      partitions: { type: 'string', default: '6' },
      json: { type: 'boolean', default: false },
    },
  });
  const count = wholeNumber('--events')(values.events);
  const partitions = wholeNumber('--partitions')(values.partitions);
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-bench-'));
  try {
    // Postgres reads the rows itself, perhaps as another user.
    await chmod(folder, 0o711);
    const copied = new CopiedEvents(join(folder, 'events.copy'));
    await withOwnDatabase(async (url) => {
      const dataSource = await openDataSource(url);
      try {
        const ingested = await withOwnBroker(partitions, async (broker) => {
          const producedPerSecond = await produce(broker, count, copied);
          return { producedPerSecond, ...(await ingestAll(url, dataSource, broker, count)) };
        });
        const copyEventsPerSecond = await copied.copy(dataSource);
        await copied.requireSame(dataSource, count);
        const { eventsPerSecond, ...others } = ingested;
        const ratio = eventsPerSecond / copyEventsPerSecond;
        printFigures({ events: count, eventsPerSecond, copyEventsPerSecond, ratio, ...others }, values.json);
      } finally {
        await dataSource.destroy();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Appends the events to the topic, keyed by visitor, and to the file for `COPY`; @returns events a second, simulating them included */
async function produce({ topic, withWriter }: OwnBroker, count: number, copied: CopiedEvents): Promise<number> {
  console.error('producing ...');
  const start = performance.now();
  await withWriter(async (writer) => {
    for (const events of batches(simulatedEvents(count), PRODUCED_AT_ONCE)) {
      interrupted.throwIfAborted();
      await Promise.all([writer.send(topic, events.map(toRecord)), copied.add(events)]);
    }
  });
  return count / ((performance.now() - start) / 1000);
}

/** One ingest process stores all of them. */
function ingestAll(
  url: string,
  dataSource: DataSource,
  { pid: broker, environment }: OwnBroker,
  count: number,
): Promise<{ readonly eventsPerSecond: number } & Readonly<Record<string, number>>> {
  console.error('ingesting ...');
  const stored = new StoredRecords(dataSource);
  const launched = performance.now();
  return withRole(startIngest(url, environment), async (ingest) => {
    const pids = { ingest: ingest.pid, postgres: await postmasterOf(dataSource), broker };
    const first = await stored.untilAtLeast(1, ingest);
    const before = await cpuSecondsByName(pids);
    const last = await stored.untilAtLeast(count, ingest);
    const after = await cpuSecondsByName(pids);
    const seconds = (last.at - first.at) / 1000;
    return {
      eventsPerSecond: (last.records - first.records) / seconds,
      seconds,
      startSeconds: (first.at - launched) / 1000,
      ...(tellsUsage && { peakMemoryMb: await peakMemoryMb(ingest.pid) }),
      ...differences(after, before),
      ...(await batchTimes(ingest)),
    };
  });
}

async function batchTimes({ url }: Role): Promise<Record<string, number>> {
  const metrics = await RoleMetrics.read(url);
  const milliseconds = (name: string, share: number): number =>
    1000 * metrics.quantile(`nextpick_ingest_${name}`, share);
  return {
    batchP50Ms: milliseconds('batch_seconds', 0.5),
    batchP99Ms: milliseconds('batch_seconds', 0.99),
    commitP50Ms: milliseconds('commit_seconds', 0.5),
    commitP99Ms: milliseconds('commit_seconds', 0.99),
  };
}
