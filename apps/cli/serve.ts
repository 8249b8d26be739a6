import cluster from 'node:cluster';
import type { Command } from 'commander';
import { once } from 'node:events';
import { collectQuietly, loadConfiguration, type Configuration } from '#platform';
import type { CommandContext } from './context.js';

/** `serve`: the API alone, until Ctrl-C; with PROCESSES more than one, in so many processes. */
export function registerServe(program: Command, { signal, print }: CommandContext): void {
  program
    .command('serve')
    .description('run the API for all stores (PORT, HOST, PROCESSES)')
    .option('--json', 'print one JSON object instead of text', false)
    .action(async ({ json }: { json: boolean }) => {
      const configuration = loadConfiguration();
      const tell = (url: string): void => {
        print(
          json ? JSON.stringify({ url }) : `The API is at ${url}, its documentation at ${url}/docs. Ctrl-C stops it.`,
        );
      };
      if (configuration.processes === 1) await serve(configuration, signal, tell);
      else if (cluster.isPrimary) await serveTogether(configuration, signal, tell);
      else await serveBeside(configuration, signal);
    });
}

// What each way to serve needs is loaded only there: it would make every other command slower to start.

async function serve(configuration: Configuration, signal: AbortSignal, tell: (url: string) => void): Promise<void> {
  const [{ createApi }, { listen }] = await Promise.all([import('../api/index.js'), import('../standalone/listen.js')]);
  collectQuietly();
  const app = await createApi(configuration);
  try {
    tell(await listen(app, { host: configuration.host, port: configuration.port, setting: 'PORT' }));
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await app.close();
  }
}

async function serveTogether(
  configuration: Configuration,
  signal: AbortSignal,
  tell: (url: string) => void,
): Promise<void> {
  const [{ runProcesses }, { urlOf }] = await Promise.all([
    import('../processes/index.js'),
    import('../standalone/listen.js'),
  ]);
  await runProcesses(configuration, signal, ({ port }) => {
    tell(urlOf(configuration.host, { port }));
  });
}

/** As one of several processes. The connection to the first one would keep this one alive when it is done, or could not begin. */
async function serveBeside(configuration: Configuration, signal: AbortSignal): Promise<void> {
  try {
    await serve(configuration, signal, () => undefined);
  } finally {
    cluster.worker?.disconnect();
  }
}
