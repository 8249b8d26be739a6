import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runKafkaTool, startLocalKafka } from '#local-kafka';
import { kafkaBrokers } from '../../support/kafka.js';
import { isAlive } from '../../support/npm-process.js';

const RECORDS = Array.from({ length: 500 }, (_, index) => `visitor-${index % 7}:event ${index}`);

describe('a local Kafka', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nextpick-local-kafka-'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it('has its records and its address again after a kill', async () => {
    const first = await startLocalKafka({ folder });
    const server = ['--bootstrap-server', first.brokers];
    await runKafkaTool('topics', [...server, '--create', '--topic', 'kept', '--partitions', '3']);
    await runKafkaTool(
      'console-producer',
      [
        ...[...server, '--topic', 'kept'],
        ...['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:'],
      ],
      { input: `${RECORDS.join('\n')}\n` },
    );
    await first.kill();
    expect(isAlive(first.pid)).toBe(false);

    const second = await startLocalKafka({ folder });
    try {
      expect(second.brokers).toBe(first.brokers);
      const read = await runKafkaTool('console-consumer', [
        ...[...server, '--topic', 'kept', '--from-beginning', '--max-messages', String(RECORDS.length)],
        ...['--formatter-property', 'print.key=true', '--formatter-property', 'key.separator=:'],
      ]);
      expect(read.trim().split('\n').sort()).toEqual([...RECORDS].sort());
    } finally {
      await second.stop();
    }
    expect(isAlive(second.pid)).toBe(false);
    await second.ended;
  });

  it('is killed with the process that started it', async () => {
    const program = `
      import { startLocalKafka } from '#local-kafka';
      const { pid } = await startLocalKafka({ folder: process.argv[1] });
      console.log(pid);`;
    const starter = spawn(
      process.execPath,
      [
        ...['--conditions=source', '--import', './test/support/typescript.mjs'],
        ...['--input-type=module', '-e', program, folder],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    starter.kill('SIGKILL');
    await vi.waitFor(
      () => {
        expect(isAlive(pid)).toBe(false);
      },
      { timeout: 30_000, interval: 20 },
    );
  });

  it('says which port is taken', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await expect(startLocalKafka({ folder, port })).rejects.toThrow(
        `Port ${port} on 127.0.0.1 is in use, perhaps by a Kafka that runs already. Stop that, or choose another port.`,
      );
    } finally {
      other.close();
    }
  });

  it('shows why Kafka did not start, and leaves no process', async () => {
    await expect(startLocalKafka({ folder, settings: { 'num.network.threads': 'many' } })).rejects.toThrow(
      /Invalid value many for configuration num\.network\.threads/,
    );
    // A folder that is in order, and a setting that only the broker checks.
    const kafka = await startLocalKafka({ folder });
    await kafka.stop();
    const settings = { 'ssl.truststore.location': join(folder, 'none') };
    await expect(startLocalKafka({ folder, listeners: ['SSL'], settings })).rejects.toThrow(
      new RegExp(`The end of ${folder}/server\\.log:[^]*Failed to load SSL keystore`),
    );
    // The address is free for who starts it correctly.
    await (await startLocalKafka({ folder })).stop();
  });

  it('says how to get Java where there is none', async () => {
    vi.stubEnv('PATH', folder);
    vi.stubEnv('JAVA_HOME', join(folder, 'no-java'));
    await expect(startLocalKafka({ folder: join(folder, 'data') })).rejects.toMatchObject({
      code: 'java_missing',
      message: expect.stringMatching(
        /Java 17 or later.*https:\/\/adoptium\.net.*docker compose -f infra\/compose\.yaml up.*KAFKA_BROKERS/,
      ) as string,
    });
    await expect(stat(join(folder, 'data'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe("the tests' broker", () => {
  it('is one for all, and makes no topic by its being used', async () => {
    const [brokers, again] = await Promise.all([kafkaBrokers(), kafkaBrokers()]);
    expect(again).toBe(brokers);
    await expect(
      runKafkaTool('get-offsets', ['--bootstrap-server', brokers, '--topic', 'local-kafka.never-made']),
    ).rejects.toThrow(/Could not match any topic-partitions/);
    expect(await runKafkaTool('topics', ['--bootstrap-server', brokers, '--list'])).not.toContain('never-made');
  });
});
