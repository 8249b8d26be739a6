import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runMalformed, type MalformedRun } from '../../malformed/malformed-run.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const REQUESTS = 2_000;

let database: TestDatabase;
let run: MalformedRun;

beforeAll(async () => {
  database = await createTestDatabase();
  run = await runMalformed({
    seed: 20_260_101,
    requests: REQUESTS,
    databaseUrl: database.url,
    commandLine: fileURLToPath(new URL('../../../dist/apps/cli/main.js', import.meta.url)),
  });
});
afterAll(() => database.drop());

test('every malformed request is refused with a problem document, and nothing of it is stored, logged or told', () => {
  expect(run.findings).toEqual([]);
  const answers = Object.values(run.counts).reduce((sum, count) => sum + count, 0);
  expect(answers).toBe(REQUESTS);
});

test('they come to every route, and fail in every way', () => {
  expect(Object.values(run.routes).length).toBeGreaterThanOrEqual(10);
  const codes = Object.keys(run.counts).map((code) => code.split(' ')[0]);
  for (const status of ['400', '401', '403', '404', '405', '413', '414', '415', '417', '431']) {
    expect(codes).toContain(status);
  }
});
