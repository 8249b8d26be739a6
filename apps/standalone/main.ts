import { once } from 'node:events';
import { DomainError } from '#domain';
import { collectQuietly, loadConfiguration } from '#platform';
import { startStandalone } from './standalone.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stop.abort();
  });
}

try {
  const configuration = loadConfiguration();
  // Somebody who tries things out wants to see the addresses and keys, not a line for each module and route.
  if (!process.env.LOG_LEVEL) configuration.logLevel = 'warn';
  collectQuietly();
  const standalone = await startStandalone(configuration, stop.signal);
  try {
    console.log(standalone.welcome);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
  } finally {
    await standalone.stop();
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof DomainError ? error.message : error);
    process.exitCode = 1;
  }
}
