import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { eventsPerSecond, numberOf, runCommand } from './command.js';
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
    const file = values.file ?? (await writeSimulated(join(folder, 'events.ndjson'), Number(values.events)));
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

async function writeSimulated(file: string, count: number): Promise<string> {
  await pipeline(Readable.from(lines(simulatedEvents(count))), createWriteStream(file));
  return file;
}

function* lines(records: Iterable<unknown>): Generator<string> {
  for (const record of records) yield `${JSON.stringify(record)}\n`;
}
