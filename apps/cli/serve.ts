import type { Command } from 'commander';
import { once } from 'node:events';
import { loadConfiguration } from '#platform';
import type { CommandContext } from './context.js';

/** `serve`: the API alone, until Ctrl-C. */
export function registerServe(program: Command, { signal, print }: CommandContext): void {
  program
    .command('serve')
    .description('run the API for all stores (PORT, HOST)')
    .option('--json', 'print one JSON object instead of text', false)
    .action(async ({ json }: { json: boolean }) => {
      // Loaded only here: it would make every other command slower to start.
      const [{ createApi }, { listen }] = await Promise.all([
        import('../api/index.js'),
        import('../standalone/listen.js'),
      ]);
      const configuration = loadConfiguration();
      const app = await createApi(configuration);
      try {
        const url = await listen(app, { host: configuration.host, port: configuration.port, setting: 'PORT' });
        print(
          json ? JSON.stringify({ url }) : `The API is at ${url}, its documentation at ${url}/docs. Ctrl-C stops it.`,
        );
        if (!signal.aborted) await once(signal, 'abort');
      } finally {
        await app.close();
      }
    });
}
