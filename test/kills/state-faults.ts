import { readdir } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { ModelPromotionEntity, ModelRegistry, ModelVersionEntity } from '#registry';
import { TrainingRunEntity, type TrainingRun } from '#runs';
import { resumptionFaults } from './resumption.js';

export const STORE = 'default';

/** What became of the runs, as far as it was seen from outside. */
export interface RunHistory {
  /** The ids of runs that were killed, and the outcome that their records had by then. */
  readonly killed: ReadonlyMap<string, TrainingRun['outcome']>;
  /** The ids of runs that ended by themselves, with their exit codes. */
  readonly ended: ReadonlyMap<string, number>;
}

/** What must never be there once a run has ended, with the number of such rows. */
const LEFTOVERS: readonly (readonly [what: string, count: string])[] = [
  [
    'pieces of files belong to no model',
    'select count(*) from model_files where (store, version) not in (select store, version from model_versions)',
  ],
  [
    'reports belong to no model',
    'select count(*) from model_reports where (store, version) not in (select store, version from model_versions)',
  ],
  [
    'models have no report',
    'select count(*) from model_versions where (store, version) not in (select store, version from model_reports)',
  ],
  ['checkpoints are left', 'select count(*) from training_checkpoints'],
  ['pieces of checkpoints are left', 'select count(*) from training_checkpoint_chunks'],
  ['runs have no end', `select count(*) from training_runs where outcome = 'running'`],
];

/**
 * What is not as it must be after a run that ended by itself, in sentences; empty when all is well.
 * @param temporaryFolder where the job had its temporary files
 */
export async function stateFaults(
  dataSource: DataSource,
  history: RunHistory,
  temporaryFolder: string,
): Promise<string[]> {
  const runs = await allRuns(dataSource);
  const files = await readdir(temporaryFolder);
  return [
    ...(await leftovers(dataSource)),
    ...(await modelFaults(dataSource, runs)),
    ...runs.flatMap((run) => recordFaults(run, history)),
    ...resumptionFaults(runs),
    ...(files.length > 0 ? [`files are left in the folder for temporary files: ${files.join(', ')}`] : []),
  ];
}

/** The records of the store's runs, the oldest first, as they are: asking for a list would end those of the dead. */
export function allRuns(dataSource: DataSource): Promise<TrainingRun[]> {
  return dataSource.manager.find(TrainingRunEntity, { where: { store: STORE }, order: { startedAt: 'ASC' } });
}

async function leftovers(dataSource: DataSource): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, query] of LEFTOVERS) {
    const [row] = await dataSource.query<{ count: string }[]>(query);
    if (row?.count !== '0') faults.push(`${row?.count} ${what}`);
  }
  return faults;
}

/** Every model is whole and some run's, every promotion is that of the run that says so, and the newest one is in service. */
async function modelFaults(dataSource: DataSource, runs: readonly TrainingRun[]): Promise<string[]> {
  const registry = new ModelRegistry(dataSource);
  const faults: string[] = [];
  const stored = await dataSource.manager.findBy(ModelVersionEntity, { store: STORE });
  for (const { version } of stored) {
    faults.push(...(await versionFaults(registry, version)));
    if (!runs.some((run) => run.version === version)) faults.push(`no run made model ${version}`);
  }
  const promotions = await dataSource.manager.find(ModelPromotionEntity, {
    where: { store: STORE },
    order: { id: 'ASC' },
  });
  const promoted = promotions.map(({ version }) => version);
  const said = runs.filter(({ outcome }) => outcome === 'promoted').map(({ version }) => version);
  if (promoted.join() !== said.join()) {
    faults.push(`the promoted models are ${promoted.join(', ')}, but the runs say ${said.join(', ')}`);
  }
  const inService = promoted.at(-1);
  if (!stored.some(({ version }) => version === inService))
    faults.push(`model ${inService} is in service and not there`);
  return faults;
}

/** Whether a model is there with all its files, each with its checksum. */
export async function versionFaults(registry: ModelRegistry, version: string): Promise<string[]> {
  try {
    await registry.load(STORE, version);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** The record of a run says how it ended; of a run that was killed, that it was, unless it had ended before. */
function recordFaults({ id, outcome, reason, finishedAt }: TrainingRun, { killed, ended }: RunHistory): string[] {
  const told = `the record of run ${id} says ${outcome} (${reason})`;
  const before = killed.get(id);
  if (before !== undefined) {
    const right = before === 'running' ? outcome === 'failed' && reason?.startsWith('Interrupted') : outcome === before;
    return right ? [] : [`${told}, but it was killed when it said ${before}`];
  }
  const exitCode = ended.get(id);
  if (exitCode === undefined) return [`${told}, and nobody started it`];
  return outcome === OUTCOMES[exitCode] && finishedAt !== null ? [] : [`${told}, but it exited with ${exitCode}`];
}

const OUTCOMES: Readonly<Record<number, string>> = { 0: 'promoted', 3: 'kept' };
