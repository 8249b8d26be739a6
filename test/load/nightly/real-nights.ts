import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { ModelRegistry } from '#registry';
import { SessionStore } from '#sessions';
import { numberOf, runCommand, runToEnd, type Answer } from '../command.js';
import { interrupted } from '../interrupted.js';
import { ModelComparison, type Comparison } from './comparison.js';

/** Sessions that a day has at least; what is left at the end of a file is none. */
const LEAST_SESSIONS = 1_000;
const DAY_MS = 86_400_000;
const GAP_MS = 30 * 60_000;
const STORE = 'default';

/** One night, learnt in both ways, and how both did on the day after it. In percent. */
interface RealNight {
  readonly until: number;
  readonly coldSeconds: number;
  readonly warmSeconds: number;
  readonly cold: Comparison['frozen'];
  readonly warm: Comparison['promoted'];
}

/** How the nights came out. */
export interface WarmFigures {
  readonly nights: number;
  /** Seconds of all warm runs by those of all cold ones, each run as a whole. */
  readonly warmShare: number;
  /** Points that the warm models are behind the cold ones on average, by the measure where it is more. */
  readonly warmLoss: number;
  readonly warmP20: number;
  readonly warmMrr20: number;
  readonly coldP20: number;
  readonly coldMrr20: number;
  readonly warmSeconds: number;
  readonly coldSeconds: number;
}

/**
 * The sessions of a data folder, cut into their days (UTC), in an empty database. A first model learns the days before the nights. Then,
 * night by night, the job runs twice on the same sessions: from nothing, and from the model of the night before, which goes into
 * service. Both are judged on the day after; the last one is `test.tsv.gz`.
 */
export async function trainRealNights(
  databaseUrl: string,
  dataSource: DataSource,
  { data, nights }: { readonly data: string; readonly nights: number },
): Promise<WarmFigures> {
  for (const file of ['train.tsv.gz', 'test.tsv.gz'])
    await runCommand(databaseUrl, ['import', 'events', join(data, file), '--json']);
  const days = await daysOf(dataSource);
  const first = days.length - nights - 1;
  if (first < 1) throw new Error(`${data} has ${days.length} days, which is too few for ${nights} nights`);
  const train = async (until: number, ...how: string[]): Promise<Answer> => {
    interrupted.throwIfAborted();
    const args = ['train', '--json', '--until', new Date(until).toISOString(), ...how];
    const { exitCode, answer, complaint } = await runToEnd(databaseUrl, args);
    // Of a run that must not promote, the model is kept beside the one in service; of one that found fault with the data, there is none.
    if (typeof answer?.version === 'string') return answer;
    const why = answer === null ? complaint : JSON.stringify(answer);
    throw new Error(`\`${args.join(' ')}\` ended with ${exitCode} and no model: ${why}`);
  };
  const registry = new ModelRegistry(dataSource);
  const comparison = new ModelComparison(new SessionStore(dataSource, GAP_MS));
  console.error(`the first model, of ${first} days ...`);
  await train(days[first] as number, '--promote', 'always');
  const done: RealNight[] = [];
  for (const from of days.slice(first + 1)) {
    console.error(`night ${done.length + 1}, from nothing ...`);
    const cold = await train(from, '--cold', '--promote', 'never');
    console.error(`night ${done.length + 1}, from the model in service ...`);
    const warm = await train(from, '--promote', 'always');
    const [warmModel, coldModel] = await Promise.all(
      [warm, cold].map(({ version }) => registry.load(STORE, String(version))),
    );
    if (!warmModel || !coldModel) throw new Error('a model is missing');
    const day = { from, until: from + DAY_MS, unavailable: [] };
    const { promoted, frozen } = await comparison.compare(warmModel, coldModel, day);
    const night = {
      until: from,
      coldSeconds: numberOf(cold, 'trainSeconds'),
      warmSeconds: numberOf(warm, 'trainSeconds'),
      cold: frozen,
      warm: promoted,
    };
    console.error(JSON.stringify(night));
    done.push(night);
  }
  return figuresOf(done);
}

/** The beginning of each day with sessions, in milliseconds since the epoch. */
async function daysOf(dataSource: DataSource): Promise<number[]> {
  const rows = await dataSource.query<{ day: number }[]>(
    `select floor(extract(epoch from ended_at) * 1000 / $2)::float8 as day from sessions where store = $1
     group by 1 having count(*) >= $3 order by 1`,
    [STORE, DAY_MS, LEAST_SESSIONS],
  );
  return rows.map(({ day }) => day * DAY_MS);
}

function figuresOf(nights: readonly RealNight[]): WarmFigures {
  const mean = (value: (night: RealNight) => number): number =>
    nights.reduce((sum, night) => sum + value(night), 0) / nights.length;
  const [warmP20, coldP20] = [mean(({ warm }) => warm.p20), mean(({ cold }) => cold.p20)];
  const [warmMrr20, coldMrr20] = [mean(({ warm }) => warm.mrr20), mean(({ cold }) => cold.mrr20)];
  const [warmSeconds, coldSeconds] = [mean((night) => night.warmSeconds), mean((night) => night.coldSeconds)];
  return {
    nights: nights.length,
    warmShare: warmSeconds / coldSeconds,
    warmLoss: Math.max(coldP20 - warmP20, coldMrr20 - warmMrr20),
    warmP20,
    warmMrr20,
    coldP20,
    coldMrr20,
    warmSeconds,
    coldSeconds,
  };
}
