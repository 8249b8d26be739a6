import type { DataSource } from 'typeorm';
import { ApiKeys } from '#access';
import { Random } from '#domain';
import { openDataSource } from '#platform';
import { ModelRegistry } from '#registry';
import type { TrainingRun } from '#runs';
import { endOfLog, until } from '../faults/bounded.js';
import { ShopDoor } from '../load/nightly/shop-door.js';
import { ServerProcess } from '../malformed/server-process.js';
import { putUpGates } from './gates.js';
import { Hunter, type Kill } from './hunter.js';
import { TrainingJob } from './job.js';
import { MOMENTS, type Moment } from './moments.js';
import { planNights, type PlannedKill, type PlannedNight } from './plan.js';
import { checkpointOf, resumedOf } from './resumption.js';
import { Shop, WINDOW_DAYS } from './shop.js';
import { allRuns, stateFaults, STORE, versionFaults, type RunHistory } from './state-faults.js';
import { SteadyRequests } from './steady-requests.js';

export interface KillRunOptions {
  /** The same seed gives the same shop and plan; the moments differ as the processes' speed does. */
  readonly seed: number;
  /** As many as are planned; one that comes too late, or in another stage, counts beside them and is done again. */
  readonly kills: number;
  /** Of each network. */
  readonly epochs: number;
  readonly checkpointEverySeconds: number;
  /** Of an empty database. */
  readonly databaseUrl: string;
  /** The path of the compiled command line. */
  readonly commandLine: string;
  /** For the job's temporary files; empty. */
  readonly temporaryFolder: string;
  /** Takes a line of what happens. */
  readonly report: (line: string) => void;
  /** Gives up, and cleans up. */
  readonly signal?: AbortSignal;
}

/** What a run was. */
interface KillRunSummary {
  readonly seed: number;
  readonly kills: number;
  readonly killsByStage: Readonly<Record<Moment, number>>;
  readonly requests: number;
  readonly failedRequests: number;
  readonly runsCompleted: number;
  readonly promotions: number;
  /** Runs that went on from a checkpoint. */
  readonly resumed: number;
  /** From the last checkpoint, or the beginning of the network's training, to the kill; 0 when no network was in training. */
  readonly greatestLossSeconds: number;
  readonly minutes: number;
}

export interface FinishedKills {
  readonly summary: KillRunSummary;
  /** What was not as it must be, in sentences. */
  readonly faults: readonly string[];
  readonly history: RunHistory;
}

const PROCESSES = 2;
const REQUESTS_PER_SECOND = 20;
/** Few, so that old models are removed too. */
const KEEP_MODELS = 2;
/** For a run to its end; machines that test are busy. */
const PATIENCE_SECONDS = 300;
/** Small, so that an epoch takes part of a second. */
const RECIPE = { dimensions: 64, candidates: 'all', targetsPerBatch: 500 };
/** How often one kill is tried. */
const ATTEMPTS = 4;

/**
 * The nights of a simulated shop whose training job is killed again and again, while the API is asked all the time.
 * @throws Error when something hangs, or a kill cannot be brought about
 */
export async function runKills(options: KillRunOptions): Promise<FinishedKills> {
  const { databaseUrl, commandLine, seed } = options;
  const nights = planNights(new Random(seed), options.kills);
  const dataSource = await openDataSource(databaseUrl);
  try {
    const { key } = await new ApiKeys(dataSource).create(STORE, 'secret', 'kills');
    await putUpGates(dataSource);
    const { server, url } = await ServerProcess.start(commandLine, databaseUrl, { PROCESSES: String(PROCESSES) });
    try {
      const shop = new Shop(new ShopDoor({ databaseUrl, url, key }), seed, nights.length);
      return await new KillRun(options, dataSource, shop).run(nights, () => {
        return new SteadyRequests({ url, key, perSecond: REQUESTS_PER_SECOND });
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}\nThe API:\n${endOfLog(server.log)}`, { cause: error });
    } finally {
      await server.stop();
    }
  } finally {
    await dataSource.destroy();
  }
}

class KillRun {
  private readonly started = Date.now();
  private readonly registry: ModelRegistry;
  /** Each is told once. */
  private readonly faults = new Set<string>();
  private readonly kills: Kill[] = [];
  private readonly killed = new Map<string, TrainingRun['outcome']>();
  private readonly ended = new Map<string, number>();
  private job: TrainingJob | undefined;
  /** Of the night's runs, which go on from each other only with the same options. */
  private promote: PlannedNight['promote'] = 'always';

  constructor(
    private readonly options: KillRunOptions,
    private readonly dataSource: DataSource,
    private readonly shop: Shop,
  ) {
    this.registry = new ModelRegistry(dataSource);
  }

  async run(nights: readonly PlannedNight[], ask: () => SteadyRequests): Promise<FinishedKills> {
    const { shop } = this;
    try {
      await shop.bringHistory();
      // The first model; and how long each stage takes when nothing disturbs it.
      await this.complete();
      const [undisturbed] = await allRuns(this.dataSource);
      if (undisturbed?.outcome !== 'promoted') throw new Error(`there is no first model:\n${this.job?.log}`);
      const hunter = new Hunter(this.dataSource, undisturbed);
      const requests = ask();
      try {
        for (const night of nights) await this.night(hunter, night, requests);
      } finally {
        await requests.stop();
      }
      await this.look(requests);
      return await this.finish(requests);
    } finally {
      await this.job?.kill();
    }
  }

  private async night(hunter: Hunter, { promote, kills }: PlannedNight, requests: SteadyRequests): Promise<void> {
    // Of a day that every model has learnt which answers from now on.
    requests.questions = this.shop.questions();
    await this.shop.liveOneDay();
    this.promote = promote;
    for (const planned of kills) {
      await this.kill(hunter, planned);
      await this.look(requests);
    }
    await this.complete();
    const inService = await this.registry.inService(STORE);
    await this.until(`the API to answer with model ${inService}`, () => requests.hasNamed(inService ?? ''));
    await this.look(requests);
  }

  private async kill(hunter: Hunter, planned: PlannedKill): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const job = this.start();
      // One that goes on from a model or a checkpoint may be through a stage long before the first run was.
      const kill = await hunter.hunt(job, { ...planned, share: planned.share / 2 ** (attempt - 1) });
      if (!kill) {
        await this.noteEnd(job);
        // The night has nothing new any more that another run would get to judge.
        this.promote = 'always';
        continue;
      }
      this.kills.push(kill);
      this.killed.set(kill.run.id, kill.run.outcome);
      this.tell(describeKill(kill));
      if (planned.gate && planned.gate.stored !== (kill.run.outcome === 'promoted')) {
        this.faults.add(`run ${kill.run.id} was killed while ${kill.moment}, and its record says ${kill.run.outcome}`);
      }
      if (kill.moment === planned.moment) return;
    }
    throw new Error(`none of ${ATTEMPTS} runs could be killed while ${planned.moment}`);
  }

  /** Lets a run come to its end. */
  private async complete(): Promise<void> {
    const job = this.start();
    await this.until('a run to end', () => !job.running);
    await this.noteEnd(job);
  }

  /** After a run that ended by itself everything is in order. */
  private async noteEnd(job: TrainingJob): Promise<void> {
    await job.end();
    const { exitCode, answer } = job;
    if (exitCode === null || typeof answer?.runId !== 'string') {
      this.faults.add(`a run ended with ${exitCode ?? 'a signal'}:\n${endOfLog(job.log)}`);
      return;
    }
    this.ended.set(answer.runId, exitCode);
    this.tell(`run ${answer.runId} ended with ${exitCode}: ${String(answer.reason)}`);
    const { killed, ended } = this;
    for (const fault of await stateFaults(this.dataSource, { killed, ended }, this.options.temporaryFolder)) {
      this.faults.add(`after run ${answer.runId}: ${fault}`);
    }
  }

  /** Every answer came from a model that is there, whole. */
  private async look(requests: SteadyRequests): Promise<void> {
    const { versions, complaints } = requests.take();
    for (const complaint of complaints) this.faults.add(complaint);
    for (const version of versions) {
      for (const fault of await versionFaults(this.registry, version))
        this.faults.add(`of a model that answered: ${fault}`);
    }
  }

  private start(): TrainingJob {
    this.options.signal?.throwIfAborted();
    const { checkpointEverySeconds, epochs } = this.options;
    this.job = new TrainingJob({ ...this.options, keepModels: KEEP_MODELS }, [
      ...['--promote', this.promote, '--until', this.shop.until, '--days', String(WINDOW_DAYS)],
      ...['--checkpoint-every', `${checkpointEverySeconds}s`, '--recipe', JSON.stringify({ ...RECIPE, epochs })],
    ]);
    return this.job;
  }

  private until(what: string, check: () => boolean): Promise<void> {
    return until(what, PATIENCE_SECONDS, () => {
      this.options.signal?.throwIfAborted();
      return check();
    });
  }

  private tell(what: string): void {
    this.options.report(`${((Date.now() - this.started) / 1_000).toFixed(1).padStart(6)} s: ${what}`);
  }

  private async finish({ requests, failed }: SteadyRequests): Promise<FinishedKills> {
    const { kills, killed, ended, faults } = this;
    const { door } = this.shop;
    if (door.failed > 0) faults.add(`${door.failed} requests of the shop failed`);
    const runs = await allRuns(this.dataSource);
    const count = (moment: Moment): number => kills.filter((kill) => kill.moment === moment).length;
    return {
      history: { killed, ended },
      faults: [...faults],
      summary: {
        seed: this.options.seed,
        kills: kills.length,
        killsByStage: Object.fromEntries(MOMENTS.map((moment) => [moment, count(moment)])) as Record<Moment, number>,
        requests: requests + door.requests,
        failedRequests: failed + door.failed,
        runsCompleted: ended.size,
        promotions: runs.filter(({ outcome }) => outcome === 'promoted').length,
        resumed: runs.filter((run) => resumedOf(run) !== null).length,
        greatestLossSeconds: Math.max(0, ...kills.map(({ lossSeconds }) => lossSeconds ?? 0)),
        minutes: (Date.now() - this.started) / 60_000,
      },
    };
  }
}

function describeKill({ moment, run, lossSeconds }: Kill): string {
  const checkpoint = checkpointOf(run);
  const saved = checkpoint ? `${Math.round(100 * checkpoint.share)}% of ${checkpoint.stage} saved` : 'nothing saved';
  const lost = lossSeconds === null ? '' : `, ${lossSeconds.toFixed(1)} s lost`;
  return `killed run ${run.id} while ${moment}: ${saved}${lost}`;
}
