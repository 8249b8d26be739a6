import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '#domain';
import { exists } from '#platform';
import { runKafkaTool } from './kafka-tool.js';
import { openKafkaRuntime, type Notify } from './libraries.js';
import { endOfOutput } from './program.js';
import { choosePorts, type KafkaProtocol } from './ports.js';
import { formatProperties, serverSettings, type KafkaSettings } from './server-properties.js';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;

/** What a broker logs once it is registered, unfenced, and listens. */
const READY = 'Kafka Server started';

/** Which broker to start. */
export interface LocalKafkaOptions {
  /** Holds its data, settings and log; made when new. One broker at a time. */
  readonly folder: string;
  /** The port on 127.0.0.1; else that of last time, else a free one. */
  readonly port?: number;
  /** Further ways to reach it, each on a free port of its own; `settings` must say what they need. */
  readonly listeners?: readonly Exclude<KafkaProtocol, 'PLAINTEXT'>[];
  /** Further lines of `server.properties`. */
  readonly settings?: KafkaSettings;
  /** Told when the start takes longer, because Kafka's libraries are fetched. */
  readonly notify?: Notify;
}

/** An Apache Kafka that runs on 127.0.0.1. It is killed when this process ends, however that ends. */
export interface LocalKafka {
  /** The address without login and encryption, as KAFKA_BROKERS takes it. */
  readonly brokers: string;
  /** The address of a further listener. */
  addressOf(listener: KafkaProtocol): string;
  readonly pid: number;
  /** The path of its log. */
  readonly log: string;
  /** Resolves when it is gone, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets it finish and write down its state; resolves when it is gone. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts Apache Kafka in KRaft mode, broker and controller in one; resolves once it serves.
 * Kafka's libraries are fetched the first time. Data of an earlier start in the same folder are there again.
 * @throws DomainError that says what is missing (Java, the libraries, the port) or why Kafka ended, with the end of its log
 */
export async function startLocalKafka({
  folder: relative,
  port,
  listeners = [],
  settings = {},
  notify,
}: LocalKafkaOptions): Promise<LocalKafka> {
  const { java, javaArguments } = await openKafkaRuntime(notify);
  const folder = resolve(relative);
  await mkdir(folder, { recursive: true });
  const ports = await choosePorts(folder, listeners, port === undefined ? {} : { PLAINTEXT: port });
  const data = join(folder, 'kafka-logs');
  const properties = join(folder, 'server.properties');
  await writeFile(properties, formatProperties(serverSettings(data, ports, settings)));
  await format(data, properties);

  const log = join(folder, 'server.log');
  const output = await open(log, 'a', 0o600);
  const before = (await output.stat()).size;
  const child = spawn(
    java,
    [...javaArguments, '-Xmx512m', '-Dnextpick.log.level=INFO', 'kafka.Kafka', properties],
    // Detached: a Ctrl-C in the terminal is for this process, which then stops the broker.
    { stdio: ['ignore', output.fd, output.fd], detached: true, windowsHide: true },
  );
  const ended = once(child, 'exit').then(() => undefined);
  await output.close();
  killWithThisProcess(child);
  const logged = async (): Promise<string> => (await readFile(log)).subarray(before).toString();
  await untilReady(child, logged, log);
  return {
    brokers: `127.0.0.1:${ports.PLAINTEXT}`,
    addressOf: (listener) => `127.0.0.1:${ports[listener] ?? 'none'}`,
    pid: child.pid as number,
    log,
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(giveUp);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Prepares the folder of the data, unless that was done: the tool writes `meta.properties` last. */
async function format(data: string, properties: string): Promise<void> {
  if (await exists(join(data, 'meta.properties'))) return;
  await runKafkaTool('storage', [
    'format',
    `--cluster-id=${randomBytes(16).toString('base64url')}`,
    '--config',
    properties,
  ]);
}

async function untilReady(child: ChildProcess, logged: () => Promise<string>, log: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const gone = child.exitCode !== null || child.signalCode !== null;
    const text = await logged();
    if (!gone && text.includes(READY)) return;
    if (gone || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new DomainError(
        'unavailable',
        'local_kafka_failed',
        `Kafka did not start. The end of ${log}:\n${endOfOutput(text)}`,
      );
    }
    await pause(50);
  }
}

/** A watcher reads a pipe that nobody writes to: it ends when this process ends, by whatever signal. */
function killWithThisProcess(child: ChildProcess): void {
  const script = `process.stdin.resume().on('end', () => process.kill(${String(child.pid)}, 'SIGKILL'))`;
  const watcher = spawn(process.execPath, ['-e', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  watcher.unref();
  child.once('exit', () => watcher.kill('SIGKILL'));
}
