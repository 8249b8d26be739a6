import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { ModelRegistry } from '#registry';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { figureOf } from '../../support/metrics.js';
import { isAlive } from '../../support/npm-process.js';
import { trainRingModel } from '../../support/tiny-model.js';

let database: TestDatabase;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ key } = await new ApiKeys(database.dataSource).create('default', 'public', 'test'));
});
afterAll(() => database.drop());

/** `nextpick serve` with two processes, on a free port unless told otherwise. */
function startServe(port = '0') {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', './test/support/typescript.mjs', 'apps/cli/main.ts', 'serve', '--json'],
    {
      env: { ...process.env, DATABASE_URL: database.url, PORT: port, PROCESSES: '2', LOG_LEVEL: 'log', NO_COLOR: '1' },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close');
  return {
    child,
    ended,
    output: () => output,
    /** Ids of all that ever listened, in order. */
    listened: () => [...output.matchAll(/Process (\d+) listens/g)].map(([, pid]) => Number(pid)),
  };
}

test('two processes answer on one port; one that is killed is replaced while the other goes on; a stop ends all', async () => {
  const { child, ended, output, listened } = startServe();
  try {
    await expect.poll(output, { timeout: 120_000 }).toMatch(/\{"url":"[^"]+"\}/);
    const url = /\{"url":"([^"]+)"\}/.exec(output())?.[1] ?? '';
    const [first = 0, second = 0] = listened();
    expect(listened()).toHaveLength(2);
    /** A connection of its own each time: the processes take turns with connections. */
    const ask = async (): Promise<number> => {
      const response = await fetch(`${url}/v1/recommendations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
        body: '{"items":["a"]}',
      });
      await response.arrayBuffer();
      return response.status;
    };
    const answered = (): Promise<number> =>
      figureOf(
        url,
        'nextpick_http_request_duration_seconds_count{method="POST",route="/v1/recommendations",status="200"}',
      );
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array.from({ length: 10 }, () => 200));
    // Whoever is asked tells of all.
    for (let i = 0; i < 4; i++) expect(await answered()).toBe(10);

    process.kill(first, 'SIGKILL');
    await expect.poll(() => isAlive(first), { timeout: 30_000 }).toBe(false);
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array.from({ length: 10 }, () => 200));
    await expect.poll(listened, { timeout: 120_000 }).toHaveLength(3);
    expect(output()).toContain(`Process ${first} ended (SIGKILL)`);
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toEqual(Array.from({ length: 10 }, () => 200));
    // What the killed one had counted is not forgotten.
    for (let i = 0; i < 4; i++) expect(await answered()).toBe(30);

    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect([second, ...listened()].filter(isAlive)).toEqual([]);
  } finally {
    child.kill('SIGKILL');
  }
});

test('every process follows each promotion and rollback', async () => {
  const registry = new ModelRegistry(database.dataSource);
  const { draft, files } = await trainRingModel();
  const first = await registry.saveAndPromote('default', draft, files, 'test');
  const { child, ended, output, listened } = startServe();
  try {
    await expect.poll(output, { timeout: 120_000 }).toMatch(/\{"url":"[^"]+"\}/);
    const url = /\{"url":"([^"]+)"\}/.exec(output())?.[1] ?? '';
    /** What each process serves: the connections, a new one each time, go to them in turn. */
    const serving = async (): Promise<unknown[]> =>
      Promise.all(
        listened().map(async () => {
          const response = await fetch(`${url}/health/ready`, { headers: { connection: 'close' } });
          const { models } = (await response.json()) as {
            models: { serving: string | null; problem: string | null }[];
          };
          return models[0];
        }),
      );
    const followed = (version: string) =>
      expect
        .poll(serving, { timeout: 60_000 })
        .toEqual(Array.from({ length: 2 }, () => ({ store: 'default', serving: version, problem: null })));
    await followed(first);
    const second = await registry.saveAndPromote('default', draft, files, 'test');
    await followed(second);
    await registry.rollback('default');
    await followed(first);
    // Each has said so itself.
    for (const pid of listened()) {
      const said = output()
        .split('\n')
        .filter((line) => line.includes(` ${pid} `) && line.includes('is served by model'));
      expect(said.map((line) => line.trim().split(' ').at(-1))).toEqual([first, second, first]);
    }
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a process that cannot start ends all with its reason', async () => {
  const running = startServe();
  try {
    await expect.poll(running.output, { timeout: 120_000 }).toMatch(/\{"url":"[^"]+"\}/);
    const port = /:(\d+)"\}/.exec(running.output())?.[1] ?? '';
    const { ended, output } = startServe(port);
    expect(await ended).toEqual([1, null]);
    expect(output()).toContain(`port ${port} is in use`);
    expect(output()).toContain('A process ended before all of them listened.');
  } finally {
    running.child.kill('SIGTERM');
    await running.ended;
  }
});
