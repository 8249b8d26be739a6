import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventsPerSecond, numberOf, runCommand } from './command.js';
import { writeRecords } from './event-file.js';
import { withOwnDatabase } from './own-database.js';
import { printFigures } from './report.js';
import { simulatedEvents } from './simulated-events.js';

/**
 * `bench import [--file FILE] [--events N] [--json]`: how fast an event file becomes events and sessions, in a database of its own.
 * Without a file it makes one of N simulated events (1,000,000) first.
 */
export async function benchImport(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      file: { type: 'string' },
      events: { type: 'string', default: '1000000' },
      json: { type: 'boolean', default: false },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-bench-'));
  try {
    const file =
      values.file ?? (await writeRecords(join(folder, 'events.ndjson'), simulatedEvents(Number(values.events))));
    await withOwnDatabase(async (url) => {
      const imported = await runCommand(url, ['import', 'events', file, '--json']);
      const figures = {
        events: numberOf(imported, 'accepted'),
        rejected: numberOf(imported, 'rejected'),
        eventsPerSecond: eventsPerSecond(imported),
        peakMemoryMb: numberOf(imported, 'peakMemoryMb'),
      };
      printFigures(figures, values.json);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
