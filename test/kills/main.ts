import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '#platform';
import { runKills } from './kill-run.js';

const CHECKPOINT_EVERY_SECONDS = 2;
/**
 * For what lies between two checkpoints beside the time itself: the step of training that was under way, writing the checkpoint, and
 * seeing all that from outside, on a machine where training, API, Postgres and this test share the processors.
 */
const SLACK_SECONDS = 2;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    kills: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const [seed, kills] = [Number(values.seed), Number(values.kills)];
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(kills) || kills < 1) {
  console.error('usage: npm run test:kills -- [--seed WHOLE_NUMBER] [--kills NUMBER, at least 1] [--json]');
  process.exit(2);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort(new Error(`stopped by ${signal}`));
  });
}
console.error(`seed ${seed}: ${kills} kills`);
const folder = await mkdtemp(join(tmpdir(), 'nextpick-kills-'));
try {
  // Root runs Postgres as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const temporaryFolder = join(folder, 'temporary');
  await mkdir(temporaryFolder);
  const postgres = await startEmbeddedPostgres(folder);
  try {
    const { summary, faults } = await runKills({
      seed,
      kills,
      epochs: 60,
      checkpointEverySeconds: CHECKPOINT_EVERY_SECONDS,
      databaseUrl: postgres.url,
      commandLine: fileURLToPath(new URL('../../apps/cli/main.js', import.meta.url)),
      temporaryFolder,
      report: (line) => {
        console.error(line);
      },
      signal: stopping.signal,
    });
    const lost = summary.greatestLossSeconds > CHECKPOINT_EVERY_SECONDS + SLACK_SECONDS;
    const wrong = [...faults, ...(lost ? [`a kill cost ${summary.greatestLossSeconds} s of training`] : [])];
    for (const fault of wrong) console.error(`WRONG: ${fault}`);
    if (wrong.length > 0) process.exitCode = 1;
    console.log(values.json ? JSON.stringify(summary) : summary);
  } finally {
    await postgres.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
