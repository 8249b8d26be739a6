import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What `npm run kafka` starts, from the sources. */
const PROGRAM = ['--conditions=source', '--import', './test/support/typescript.mjs', 'apps/local-kafka/main.ts'];

/** A port that nobody listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('npm run kafka', () => {
  let folder: string;
  let port: number;
  let kafka: ChildProcess;
  let printed = '';

  const start = (words: readonly string[]) =>
    spawn(process.execPath, [...PROGRAM, ...words], { env: { ...process.env, NEXTPICK_DATA: folder } });
  const run = async (
    words: readonly string[],
    input = '',
  ): Promise<{ status: number; output: string; errors: string }> => {
    const child = start(words);
    const closed = once(child, 'close') as Promise<[number]>;
    child.stdin.end(input);
    const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { status, output, errors };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nextpick-npm-kafka-'));
    port = await unusedPort();
    const child = start(['--port', String(port)]);
    kafka = child;
    const ended = once(child, 'close');
    child.stderr.on('data', (data: Buffer) => (printed += data.toString()));
    while (!printed.includes('Ctrl-C stops it')) {
      const data = (await Promise.race([once(child.stdout, 'data'), ended])) as unknown[];
      if (child.exitCode !== null) throw new Error(`it ended: ${printed}`);
      printed += String(data[0]);
    }
  });
  afterAll(async () => {
    if (kafka.exitCode === null) {
      kafka.kill('SIGINT');
      await once(kafka, 'close');
    }
    await rm(folder, { recursive: true, force: true });
  });

  it('says that it fetches Kafka, where it listens, and what to do next', () => {
    expect(printed).toContain('Fetching Apache Kafka');
    expect(printed).toContain(`export KAFKA_BROKERS=127.0.0.1:${port}`);
    expect(printed).toContain('npm run nextpick -- ingest');
  });

  it("runs Kafka's tools against it, with their input, output and exit status", async () => {
    const topic = ['--topic', 'nextpick.events.v1'];
    expect(await run(['topics', '--describe', ...topic])).toMatchObject({
      status: 0,
      output: expect.stringContaining('PartitionCount: 6') as string,
    });
    const keyed = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=|'];
    expect(await run(['console-producer', ...topic, ...keyed], 'anna|{"type":"view"}\n')).toMatchObject({ status: 0 });
    const all = ['--from-beginning', '--max-messages', '1', '--formatter-property', 'print.key=true'];
    expect(await run(['console-consumer', ...topic, ...all])).toMatchObject({
      status: 0,
      output: 'anna\t{"type":"view"}\n',
    });
    expect((await run(['topics', '--delete', '--topic', 'none'])).status).toBe(1);
  });

  it('says what is wrong with an option, a tool, and a second start', async () => {
    expect(await run(['--port', '70000'])).toEqual({
      status: 1,
      output: '',
      errors: '--port must be a whole number from 1 to 65535, not "70000"\n',
    });
    expect((await run(['topicz'])).errors).toMatch(
      /There is no tool "topicz" here; there are topics, console-producer,/,
    );
    const second = await run(['--port', String(port)]);
    expect(second.status).toBe(1);
    expect(second.errors).toMatch(`Port ${port} on 127.0.0.1 is in use, perhaps by a Kafka that runs already.`);
  });

  it('stops with Ctrl-C, and then its tools say that there is no Kafka', async () => {
    kafka.kill('SIGINT');
    expect(await once(kafka, 'close')).toEqual([0, null]);
    const { status, errors } = await run(['topics', '--list']);
    expect(status).toBe(1);
    expect(errors).toMatch(`No Kafka listens on 127.0.0.1:${port}. Start one with "npm run kafka"`);
  });
});
