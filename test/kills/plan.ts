import type { Random } from '#domain';
import { gatesOf, type Gate } from './gates.js';
import { MOMENTS, type Moment } from './moments.js';

/** When a run is to be killed. */
export interface PlannedKill {
  readonly moment: Moment;
  /** Of the time that the stage takes, or has left, from 0 to 1. */
  readonly share: number;
  /** Where the run is held up and killed, for what is over too soon to be met by chance; null for the others. */
  readonly gate: Gate | null;
}

/** A night whose job is killed again and again, and then is not. */
export interface PlannedNight {
  readonly promote: 'if-better' | 'always';
  readonly kills: readonly PlannedKill[];
}

/** A night has from one kill to so many. */
const MOST_KILLS = 3;
/** What comes before the judgement, after which nothing need come. */
const JUDGED_AFTER = MOMENTS.indexOf('judging');

/**
 * Spreads kills over all moments, evenly, and over nights. Within a night they come in the order of the stages: what goes on from a
 * checkpoint does not go back; but a run reads first, wherever it goes on.
 */
export function planNights(random: Random, kills: number): PlannedNight[] {
  const moments: Moment[] = [];
  while (moments.length < kills) moments.push(...shuffled(random, MOMENTS).slice(0, kills - moments.length));
  const nights: PlannedNight[] = [];
  for (let first = 0; first < moments.length;) {
    const some = moments.slice(first, first + 1 + random.integer(MOST_KILLS));
    first += some.length;
    nights.push({
      promote:
        some.every((moment) => orderOf(moment) <= JUDGED_AFTER) && random.uniform() < 0.5 ? 'if-better' : 'always',
      kills: inOrder(random, some).map((moment) => planKill(random, moment)),
    });
  }
  return nights;
}

function planKill(random: Random, moment: Moment): PlannedKill {
  const gates = gatesOf(moment);
  return { moment, share: random.uniform(), gate: gates[random.integer(gates.length)] ?? null };
}

function inOrder(random: Random, moments: readonly Moment[]): Moment[] {
  const places = moments.map((moment) => ({
    moment,
    place: moment === 'reading' ? random.uniform() * orderOf('keeping house') : orderOf(moment),
  }));
  return places.sort((a, b) => a.place - b.place).map(({ moment }) => moment);
}

const orderOf = (moment: Moment): number => MOMENTS.indexOf(moment);

function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  const copy = [...values];
  random.shuffle(copy);
  return copy;
}
