import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runFaults } from './fault-run.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    events: { type: 'string', default: '200000' },
  },
});
const [seed, events] = [Number(values.seed), Number(values.events)];
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(events) || events < 10_000) {
  console.error('usage: npm run test:faults -- [--seed WHOLE_NUMBER] [--events NUMBER, at least 10000]');
  process.exit(2);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort(new Error(`stopped by ${signal}`));
  });
}
const run = await runFaults({
  seed,
  events,
  faults: { ingestKills: 20, postgresKills: 5, brokerKills: 5, joinsAndLeaves: 10 },
  members: 3,
  commandLine: fileURLToPath(new URL('../../apps/cli/main.js', import.meta.url)),
  report: (line) => {
    console.log(line);
  },
  signal: stopping.signal,
});
try {
  const differences = (await run.compare()).toString();
  console.log(JSON.stringify(run.summary));
  console.log(differences === '' ? 'Nothing lost, nothing twice, nothing out of place.' : `WRONG\n${differences}`);
  if (differences !== '') process.exitCode = 1;
} finally {
  await run.close();
}
