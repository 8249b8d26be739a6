import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '#platform';
import { runMalformed } from './malformed-run.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    requests: { type: 'string', default: '100000' },
    first: { type: 'string', default: '0' },
  },
});
const [seed, requests, first] = [Number(values.seed), Number(values.requests), Number(values.first)];
if (![seed, requests, first].every((number) => Number.isSafeInteger(number) && number >= 0) || requests === 0) {
  console.error('usage: npm run test:malformed -- [--seed NUMBER] [--requests NUMBER] [--first NUMBER]');
  process.exit(2);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort(new Error(`stopped by ${signal}`));
  });
}
console.log(`seed ${seed}: ${requests} requests`);
const folder = await mkdtemp(join(tmpdir(), 'nextpick-malformed-'));
try {
  // Root runs Postgres as another user, who must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startEmbeddedPostgres(folder);
  try {
    const { findings, counts, routes, seconds, memoryMb } = await runMalformed({
      seed,
      requests,
      first,
      databaseUrl: postgres.url,
      commandLine: fileURLToPath(new URL('../../apps/cli/main.js', import.meta.url)),
      signal: stopping.signal,
    });
    console.table(routes);
    console.table(counts);
    console.log(JSON.stringify({ seed, requests, findings: findings.length, seconds, memoryMb }));
    console.log(findings.length === 0 ? 'Every request was refused as it should be.' : `WRONG\n${findings.join('\n')}`);
    if (findings.length > 0) process.exitCode = 1;
  } finally {
    await postgres.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
