import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { ModelRegistry, type Artefact } from '#registry';
import { SessionStore } from '#sessions';
import { makeKey, runToEnd, startServer, withRole, type Answer, type Ending } from '../command.js';
import { interrupted } from '../interrupted.js';
import { Child } from '../serving/child.js';
import { ModelComparison, type Comparison } from './comparison.js';
import { garbageOf, type Garbage } from './garbage.js';
import { ShopDoor } from './shop-door.js';
import { simulateDays, type ShopDay } from './simulated-days.js';
import { SteadyLoad, type LoadCounts } from './steady-load.js';
import { describeNight, type Night, type Trouble } from './verdict.js';

/** What is simulated. */
export interface NightlyPlan {
  readonly nights: number;
  readonly seed: number;
  readonly items: number;
  /** A day. */
  readonly visits: number;
  readonly drift: number;
  /** Requests a second. */
  readonly rate: number;
  /** Nights from 1; 0 for none. */
  readonly garbageNight: number;
  readonly brokenNight: number;
}

/** What came out. */
export interface NightlyResult {
  readonly nights: readonly Night[];
  readonly requests: number;
  readonly failedRequests: number;
}

const STORE = 'default';
/** Sessions whose beginnings are sent as requests. */
const QUESTIONS = 400;
const SWAP_CHECK_MS = 50;
/** Days of history before the first night; as many as a model learns from. */
const WINDOW_DAYS = 10;
const GAP_MS = 30 * 60_000;
const PROCESSES = 2;
/** So many answers in a row by the new model mean that every process has it. */
const ANSWERS_IN_A_ROW = 12;
const SWAP_PATIENCE_MS = 60_000;
/** Small enough for 14 nights in half an hour. */
const RECIPE = {
  dimensions: 64,
  epochs: 6,
  candidates: 'all',
  inputDropout: 0.1,
  readoutDropout: 0.1,
  learningRate: 0.008,
};

/** The nights of a shop in an empty database, with an API under load that answers all the time. */
export async function runNights(
  databaseUrl: string,
  dataSource: DataSource,
  plan: NightlyPlan,
): Promise<NightlyResult> {
  console.error('simulating ...');
  const days = simulateDays({ ...plan, days: WINDOW_DAYS + plan.nights });
  const key = await makeKey(databaseUrl, 'secret');
  return withRole(startServer(databaseUrl, { PROCESSES: String(PROCESSES) }), ({ url }) =>
    Child.run('generator-process', async (generator) => {
      const shop = new ShopDoor({ databaseUrl, url, key });
      const run = new NightlyRun(databaseUrl, dataSource, shop, days, plan);
      await run.bringHistory();
      const load = new SteadyLoad(
        generator,
        { url, path: '/v1/recommendations', key, pace: { perSecond: plan.rate } },
        () => run.questions(),
      );
      try {
        return await run.all(load);
      } finally {
        await load.stop();
      }
    }),
  );
}

class NightlyRun {
  private readonly registry: ModelRegistry;
  private readonly sessions: SessionStore;
  private readonly comparison: ModelComparison;
  private asked: readonly (readonly string[])[] = [];
  /** The model of the first night; kept here, as the job removes it after enough others. */
  private frozen: Artefact | null = null;

  constructor(
    private readonly databaseUrl: string,
    dataSource: DataSource,
    private readonly shop: ShopDoor,
    private readonly days: readonly ShopDay[],
    private readonly plan: NightlyPlan,
  ) {
    this.registry = new ModelRegistry(dataSource);
    this.sessions = new SessionStore(dataSource, GAP_MS);
    this.comparison = new ModelComparison(this.sessions);
  }

  async bringHistory(): Promise<void> {
    console.error(`${WINDOW_DAYS} days of history ...`);
    for (const day of this.days.slice(0, WINDOW_DAYS)) await this.live(day);
  }

  /** What visitors of the newest day had seen at some time. */
  questions(): string[] {
    return this.asked.map((items, i) =>
      JSON.stringify(i % 4 === 0 ? { visitorId: `guest-${i}`, count: 20 } : { items, count: 20 }),
    );
  }

  async all(load: SteadyLoad): Promise<NightlyResult> {
    const nights: Night[] = [];
    let counts = { requests: 0, failed: 0 };
    const count = (some: LoadCounts): LoadCounts => {
      counts = { requests: counts.requests + some.requests, failed: counts.failed + some.failed };
      return some;
    };
    for (let night = 1; night <= this.plan.nights; night++) {
      const result = await this.night(night, () => count(load.take()));
      console.error(describeNight(result));
      nights.push(result);
    }
    await load.stop();
    count(load.take());
    const { shop } = this;
    return {
      nights,
      requests: counts.requests + shop.requests,
      failedRequests: counts.failed + shop.failed,
    };
  }

  private async night(night: number, countLoad: () => LoadCounts): Promise<Night> {
    interrupted.throwIfAborted();
    const trouble = this.troubleOf(night);
    const [today, tomorrow] = [this.day(WINDOW_DAYS + night - 2), this.day(WINDOW_DAYS + night - 1)];
    const garbage = await this.spoil(today, trouble);
    const start = performance.now();
    const ending = await this.train(today.until);
    const trainSeconds = (performance.now() - start) / 1000;
    const swapMs = outcomeOf(ending) === 'promoted' ? await this.awaitSwap(textOf(ending.answer, 'version')) : null;
    // The shop has found out by the morning.
    if (garbage) await this.shop.erase(garbage.visitorIds);
    await this.live(tomorrow);
    return {
      night,
      trouble,
      outcome: outcomeOf(ending),
      reason: textOf(ending.answer, 'reason') || ending.complaint,
      trainSeconds,
      swapMs,
      judged: await this.compare(tomorrow),
      load: countLoad(),
    };
  }

  private troubleOf(night: number): Trouble | null {
    if (night === this.plan.garbageNight) return 'garbage';
    return night === this.plan.brokenNight ? 'catalogue' : null;
  }

  private day(index: number): ShopDay {
    const day = this.days[index];
    if (!day) throw new RangeError(`day ${index} was not simulated`);
    return day;
  }

  /** A day as it should be. */
  private async live({ items, events, from, until }: ShopDay): Promise<void> {
    await this.shop.publish(items);
    await this.shop.send(events);
    const visits: (readonly string[])[] = [];
    for await (const batch of this.sessions.streamForTraining(STORE, { from, until })) {
      visits.push(...batch.map(({ itemIds }) => itemIds));
    }
    const step = Math.max(1, Math.floor(visits.length / QUESTIONS));
    this.asked = visits
      .filter((_, i) => i % step === 0)
      .map((itemIds, i) => itemIds.slice(0, 1 + (i % itemIds.length)));
  }

  /** What goes wrong on the day before a bad night. */
  private async spoil(day: ShopDay, trouble: Trouble | null): Promise<Garbage | null> {
    if (trouble === 'catalogue') {
      // An export with a changed template: every id is another, and those before are gone.
      await this.shop.publish(day.items.map((item) => ({ ...item, itemId: item.itemId.replace('sku-', 'SKU:') })));
    }
    if (trouble !== 'garbage') return null;
    const garbage = garbageOf(day, this.plan.visits, this.plan.seed);
    await this.shop.send(garbage.events);
    return garbage;
  }

  private async train(until: number): Promise<Ending> {
    const window = ['--until', new Date(until).toISOString(), '--days', String(WINDOW_DAYS)];
    return runToEnd(this.databaseUrl, ['train', '--json', '--recipe', JSON.stringify(RECIPE), ...window]);
  }

  /** Milliseconds until every process answered with the new version. */
  private async awaitSwap(version: string): Promise<number> {
    this.frozen ??= await this.registry.load(STORE, version);
    const start = performance.now();
    let inARow = 0;
    let switched = start;
    while (inARow < ANSWERS_IN_A_ROW) {
      const now = performance.now();
      if (now - start > SWAP_PATIENCE_MS) throw new Error(`the API does not answer with model ${version}`);
      const model = await this.shop.answeringModel(this.asked[0] ?? []);
      if (model === version) inARow += 1;
      else {
        inARow = 0;
        switched = performance.now();
        await pause(SWAP_CHECK_MS);
      }
    }
    return switched - start;
  }

  private async compare({ from, until, items }: ShopDay): Promise<Comparison> {
    const promoted = await this.registry.inService(STORE);
    if (promoted === null || this.frozen === null) throw new Error('no model was promoted in the first night');
    const unavailable = items.filter(({ available }) => !available).map(({ itemId }) => itemId);
    return this.comparison.compare(await this.registry.load(STORE, promoted), this.frozen, {
      from,
      until,
      unavailable,
    });
  }
}

const OUTCOMES: Readonly<Record<number, string>> = { 0: 'promoted', 3: 'kept', 1: 'failed' };

function outcomeOf({ exitCode }: Ending): string {
  const outcome = OUTCOMES[exitCode];
  if (outcome === undefined) throw new Error(`the job ended with ${exitCode}`);
  return outcome;
}

const textOf = (answer: Answer | null, field: string): string => {
  const value = answer?.[field];
  return typeof value === 'string' ? value : '';
};
