import { Command } from 'commander';
import { DomainError } from '#domain';
import { isDatabaseGone } from '#platform';
import { createContext } from './context.js';
import { registerDeadLetters } from './dead-letters.js';
import { registerEvaluate } from './evaluate.js';
import { registerImport } from './import.js';
import { registerIngest } from './ingest.js';
import { registerKeys } from './keys.js';
import { registerMetrics } from './metrics.js';
import { registerModels } from './models.js';
import { registerPlacements } from './placements.js';
import { registerRuns } from './runs.js';
import { registerSchedule } from './schedule.js';
import { registerRetention } from './retention.js';
import { registerServe } from './serve.js';
import { registerTrain } from './train.js';
import { registerVisitors } from './visitors.js';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: the second Ctrl-C ends the process at once.
  process.once(signal, () => {
    stopping.abort(new DomainError('unavailable', 'stopped', `Stopped by ${signal}.`));
  });
}

/** What a person can correct is said in a sentence; anything else is our fault and shows where it comes from. */
function sentenceFor(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  if (isDatabaseGone(error))
    return `The database went away: ${(error as Error).message}. What was finished is stored; start it, then run the same command again.`;
  return String((error as Error).stack);
}

const program = new Command('nextpick').description('A recommendation engine that a shop plugs in.');
const context = createContext(stopping.signal);
registerImport(program, context);
registerKeys(program, context);
registerModels(program, context);
registerMetrics(program, context);
registerPlacements(program, context);
registerTrain(program, context);
registerSchedule(program, context);
registerRuns(program, context);
registerEvaluate(program, context);
registerServe(program, context);
registerIngest(program, context);
registerDeadLetters(program, context);
registerVisitors(program, context);
registerRetention(program, context);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${sentenceFor(error)}\n`);
  process.exitCode = 1;
}
