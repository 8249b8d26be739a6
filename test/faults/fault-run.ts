import { setTimeout as pause } from 'node:timers/promises';
import { ApiKeys } from '#access';
import { Random } from '#domain';
import { createKafkaCluster, type StreamCluster } from '#kafka';
import { kafkaSettings, loadConfiguration, openDataSource } from '#platform';
import { until } from './bounded.js';
import { Crew } from './crew.js';
import { compareDatabase, compareDeadLetters, type Differences } from './differences.js';
import { Ledger } from './ledger.js';
import { expectFrom } from './oracle.js';
import { Producer } from './producer.js';
import { planFaults, type Fault, type FaultCounts } from './schedule.js';
import { Servers } from './servers.js';
import type { PlannedRecord } from './planned-record.js';
import { planStream, STORES } from './stream-plan.js';
import { readEnds, readTopic } from './topic-reader.js';

const TOPIC = 'nextpick.events.v1';
const DEAD_LETTER_TOPIC = 'nextpick.events.v1.dead';
const PARTITIONS = 6;
/** For each step of progress; everybody may have to recover before. */
const PATIENCE_SECONDS = 120;
/** The producer is that part of the stream ahead of the faults, so that there is always work to interrupt. */
const AHEAD = 0.25;

export interface FaultRunOptions {
  /** The same seed gives the same stream and the same faults; the moments differ as the processes' speed does. */
  readonly seed: number;
  /** Different events; repetitions and poison come on top. */
  readonly events: number;
  readonly faults: FaultCounts;
  /** Ingest processes at the beginning. */
  readonly members: number;
  /** The path of the compiled command line. */
  readonly commandLine: string;
  /** Takes a line of what happens. */
  readonly report: (line: string) => void;
  /** Gives up, and cleans up. */
  readonly signal?: AbortSignal;
}

/** What a run was. */
interface FaultRunSummary {
  readonly seed: number;
  readonly records: number;
  readonly events: number;
  readonly repetitions: number;
  /** Records that the producer had to send again, and that are there twice. */
  readonly sentTwice: number;
  readonly sessions: number;
  readonly joinedLate: number;
  readonly deadLetters: number;
  readonly faults: FaultCounts;
  readonly seconds: number;
}

/** A run that is over, with its database still there. */
export interface FinishedRun {
  readonly summary: FaultRunSummary;
  readonly databaseUrl: string;
  /** Compares what is stored with what must be; may be asked again. */
  compare(): Promise<Differences>;
  /** Ends the servers and removes all that they stored. */
  close(): Promise<void>;
}

/**
 * Sends a stream to a Kafka of its own while ingest processes store it in a Postgres of its own, and kills all of them again and
 * again; then lets the rest be stored.
 * @throws Error that tells the state, when something hangs or ends that should not
 */
export async function runFaults(options: FaultRunOptions): Promise<FinishedRun> {
  const servers = await Servers.start();
  try {
    return await new FaultRun(options, servers).run();
  } catch (error) {
    await servers.remove();
    throw error;
  }
}

class FaultRun {
  private readonly started = Date.now();
  private readonly plan: readonly PlannedRecord[];
  private readonly schedule: readonly Fault[];
  private readonly crew: Crew;
  private readonly ledger: Ledger;
  private producer: Producer | undefined;
  /** Of what goes on beside the waits. */
  private failure: unknown;

  constructor(
    private readonly options: FaultRunOptions,
    private readonly servers: Servers,
  ) {
    const { seed, events, faults, members, commandLine } = options;
    this.plan = planStream(seed, events);
    this.schedule = planFaults(new Random(seed), faults, (1 - AHEAD) * this.plan.length, members);
    this.crew = new Crew({
      commandLine,
      environment: {
        DATABASE_URL: servers.databaseUrl,
        KAFKA_BROKERS: servers.brokers,
        // The shortest that brokers allow, for a run waits so long after each kill.
        KAFKA_SESSION_TIMEOUT_SECONDS: '6',
        INGEST_PORT: '0',
        NO_COLOR: '1',
      },
    });
    this.ledger = new Ledger(servers.databaseUrl, TOPIC);
  }

  async run(): Promise<FinishedRun> {
    const { report, seed } = this.options;
    report(`seed ${seed}: ${this.plan.length} records, ${this.schedule.length} faults`);
    const cluster = this.openCluster();
    try {
      await this.prepare(cluster);
      const ends = await this.live(await Producer.open(cluster, TOPIC, this.plan));
      return await this.judge(ends);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.describe()}`, { cause: error });
    } finally {
      await this.crew.destroy();
      await this.ledger.close();
      await cluster.close();
    }
  }

  private openCluster(): StreamCluster {
    const silent = { log: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
    const settings = kafkaSettings(loadConfiguration({ KAFKA_BROKERS: this.servers.brokers }));
    if (!settings) throw new Error('there are no settings for Kafka');
    return createKafkaCluster(settings, silent);
  }

  private async prepare(cluster: StreamCluster): Promise<void> {
    await cluster.connect();
    await cluster.createTopic(TOPIC, {
      partitionCount: PARTITIONS,
      replicationFactor: 1,
      maximumMessageBytes: 2 * 1024 * 1024,
    });
    const dataSource = await openDataSource(this.servers.databaseUrl);
    const keys = new ApiKeys(dataSource);
    for (const store of STORES.slice(1)) await keys.create(store, 'public', 'faults');
    await dataSource.destroy();
  }

  /** From the first record until the last one is stored and every process has left. */
  private async live(producer: Producer): Promise<ReadonlyMap<number, number>> {
    this.producer = producer;
    const producing = this.watch(producer.run());
    try {
      for (let number = 0; number < this.options.members; number += 1) this.crew.join();
      await this.goWrong(producer);
      producer.allow(Infinity);
      await this.progress('everything to be sent', () => producer.sent === this.plan.length);
    } finally {
      await producer.close();
      await producing;
    }
    const ends = await readEnds(this.servers.brokers, TOPIC);
    const end = sum(ends.values());
    await this.progress(`all ${end} records to be stored`, async () => (await this.ledger.stored()) === end);
    await this.progress('the dead letters to be published', async () => (await this.ledger.unpublished()) === 0);
    await this.crew.stop();
    return ends;
  }

  private async goWrong(producer: Producer): Promise<void> {
    const mending: Promise<unknown>[] = [];
    try {
      for (const fault of this.schedule) {
        if (!fault.together) await Promise.all(mending.splice(0));
        producer.allow(fault.after + AHEAD * this.plan.length);
        const stored = async (): Promise<boolean> => (await this.ledger.stored()) >= fault.after;
        await this.progress(`${fault.after} records to be stored`, stored);
        await pause(fault.delay);
        mending.push(this.watch(this.commit(fault)));
      }
    } finally {
      await Promise.all(mending);
    }
    this.check();
  }

  /** Resolves when the work ends; the next wait throws what it failed with. */
  private async watch(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.failure ??= error;
    }
  }

  /** Resolves when the servers are up again, and who left is gone. */
  private async commit({ kind, choice, down }: Fault): Promise<void> {
    switch (kind) {
      case 'kill ingest':
        this.tell(`killed ${await this.crew.kill(choice)}`);
        return;
      case 'join':
        this.tell(`${this.crew.join()} joins`);
        return;
      case 'leave': {
        const { name, left } = await this.crew.leave(choice);
        this.tell(`${name} leaves`);
        await left;
        return;
      }
      case 'kill Postgres':
        await this.servers.killPostgres();
        this.tell(`killed Postgres, for ${down} ms`);
        await pause(down);
        await this.servers.restartPostgres();
        return;
      case 'kill broker':
        await this.servers.killKafka();
        this.tell(`killed the broker, for ${down} ms`);
        await pause(down);
        await this.servers.restartKafka();
    }
  }

  private async judge(ends: ReadonlyMap<number, number>): Promise<FinishedRun> {
    const { seed, faults, events } = this.options;
    const { brokers, databaseUrl } = this.servers;
    const [records, deadLetters] = await Promise.all([
      readTopic(brokers, TOPIC, sum(ends.values())),
      readTopic(brokers, DEAD_LETTER_TOPIC),
    ]);
    const expected = expectFrom(this.plan, records);
    if (expected.events.length !== events) throw new Error('the stream has not as many events as were asked for');
    return {
      summary: {
        seed,
        records: records.length,
        events: expected.events.length,
        repetitions: expected.repetitions,
        sentTwice: records.length - this.plan.length,
        sessions: expected.sessions.length,
        joinedLate: expected.joinedLate,
        deadLetters: expected.deadLetters.length,
        faults,
        seconds: Math.round((Date.now() - this.started) / 1_000),
      },
      databaseUrl,
      compare: async () => {
        const found = await compareDatabase(databaseUrl, { topic: TOPIC, ends, expected });
        compareDeadLetters(found, TOPIC, expected, deadLetters);
        return found;
      },
      close: () => this.servers.remove(),
    };
  }

  private progress(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
    return until(what, PATIENCE_SECONDS, () => {
      this.check();
      return check();
    });
  }

  /** @throws what went wrong that should not, or the reason to give up */
  private check(): void {
    this.options.signal?.throwIfAborted();
    if (this.failure) throw this.failure as Error;
    this.crew.check();
  }

  private tell(what: string): void {
    const seconds = ((Date.now() - this.started) / 1_000).toFixed(1).padStart(6);
    this.options.report(`${seconds} s, ${this.ledger.lastStored} of ${this.producer?.sent ?? 0} stored: ${what}`);
  }

  private async describe(): Promise<string> {
    return [
      `sent ${this.producer?.sent ?? 0} of ${this.plan.length}, ${this.producer?.repeated ?? 0} parts again`,
      await this.ledger.describe(),
      this.crew.describe(),
      await this.servers.logs(),
    ].join('\n');
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
