import type { Random } from '#domain';

/** How often what goes wrong. */
export interface FaultCounts {
  /** SIGKILL of an ingest process; another takes its place at once. */
  readonly ingestKills: number;
  /** SIGKILL of all of Postgres. */
  readonly postgresKills: number;
  /** SIGKILL of the broker. */
  readonly brokerKills: number;
  /** One more ingest process, and as often one less: SIGTERM. */
  readonly joinsAndLeaves: number;
}

/** What goes wrong. */
type FaultKind = 'kill ingest' | 'kill Postgres' | 'kill broker' | 'join' | 'leave';

/** Something that goes wrong, and when. */
export interface Fault {
  readonly kind: FaultKind;
  /** Once so many records are stored ... */
  readonly after: number;
  /** ... and so many milliseconds have gone by. */
  readonly delay: number;
  /** Whether it does not wait until what went wrong before is mended. */
  readonly together: boolean;
  /** How long a server is down, in milliseconds, before it is started again. */
  readonly down: number;
  /** Which process it meets, from 0 to 1. */
  readonly choice: number;
}

/** The fewest and the most ingest processes. */
const FEWEST = 2;
const MOST = 4;

/** Faults in random order, spread evenly over so many records; one in seven follows the one before at once. */
export function planFaults(random: Random, counts: FaultCounts, records: number, members: number): Fault[] {
  const kinds = orderOf(random, counts, members);
  const faults: Fault[] = [];
  kinds.forEach((kind, index) => {
    const before = faults.at(-1);
    const together = before !== undefined && random.uniform() < 1 / 7;
    faults.push({
      kind,
      together,
      after: together ? before.after : Math.floor(((index + random.uniform()) / kinds.length) * records),
      delay: random.integer(400),
      down: random.integer(3_000),
      choice: random.uniform(),
    });
  });
  return faults;
}

function orderOf(random: Random, counts: FaultCounts, members: number): FaultKind[] {
  const left: FaultKind[] = [
    ...Array<FaultKind>(counts.ingestKills).fill('kill ingest'),
    ...Array<FaultKind>(counts.postgresKills).fill('kill Postgres'),
    ...Array<FaultKind>(counts.brokerKills).fill('kill broker'),
    ...Array<FaultKind>(counts.joinsAndLeaves).fill('join'),
    ...Array<FaultKind>(counts.joinsAndLeaves).fill('leave'),
  ];
  random.shuffle(left);
  const order: FaultKind[] = [];
  let present = members;
  while (left.length > 0) {
    const fits = (kind: FaultKind): boolean =>
      (kind !== 'join' || present < MOST) && (kind !== 'leave' || present > FEWEST);
    // As many leave as join, so one of the rest always fits.
    const [kind = 'kill ingest'] = left.splice(left.findIndex(fits), 1);
    if (kind === 'join') present += 1;
    if (kind === 'leave') present -= 1;
    order.push(kind);
  }
  return order;
}
