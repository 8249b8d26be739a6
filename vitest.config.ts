import { defineConfig } from 'vitest/config';

/** Libraries are imported by their package.json names (`#graph`); `source` resolves those to TypeScript. */
const conditions = ['source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Global setup files run in this environment of Vitest's own.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    // Of the processes that run tests; threads take them over.
    execArgv: [
      '--conditions=source',
      '--import',
      new URL('./test/support/typescript-threads.mjs', import.meta.url).href,
    ],
    projects: [
      {
        extends: true,
        test: { name: 'small', include: ['{libs,apps}/**/*.spec.ts'], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'medium',
          include: ['test/medium/**/*.spec.ts'],
          globalSetup: ['test/support/postgres-server.ts', 'test/support/kafka-server.ts'],
          // The first run on a machine also fetches Kafka.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.spec.ts'],
          globalSetup: ['test/support/postgres-server.ts', 'test/support/kafka-server.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
