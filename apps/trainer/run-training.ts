import type { DataSource } from 'typeorm';
import { CatalogStore } from '#catalog';
import { refreshPopularity, refreshRelations } from '#recommender';
import { ModelRegistry, pruneModels } from '#registry';
import { keepRetention } from '#retention';
import { TrainingRuns, type RunOrigin } from '#runs';
import { SessionStore } from '#sessions';
import { TrainingDivergedError } from '#lstm';
import { trainStore, type TrainStoreOptions, type TrainStoreResult } from './train-store.js';

/** Where a run works, and for whom. */
export interface TrainingPlace {
  readonly dataSource: DataSource;
  readonly store: string;
  /** The longest silence within a session, in milliseconds. */
  readonly sessionGapMs: number;
  readonly origin: RunOrigin;
  /** See `Configuration`. */
  readonly keepModels: number;
}

/** What came out of a run. */
export interface TrainingRunResult extends TrainStoreResult {
  readonly runId: string;
}

/** Of the options: what says nothing about the model. */
const NOT_TOLD = new Set<string>(['signal', 'onProgress', 'notes'] satisfies (keyof TrainStoreOptions)[]);

/**
 * One run of the training job: takes down what `trainStore` does, then removes what is older than is to be kept and counts anew what the answers without a model are made of.
 * @throws DomainError `training_under_way` when another process trains the store; as `trainStore` does
 */
export async function runTraining(
  { dataSource, store, sessionGapMs, origin, keepModels }: TrainingPlace,
  options: TrainStoreOptions,
): Promise<TrainingRunResult> {
  const ports = {
    sessions: new SessionStore(dataSource, sessionGapMs),
    catalog: new CatalogStore(dataSource),
    registry: new ModelRegistry(dataSource),
  };
  const told = Object.fromEntries(Object.entries(options).filter(([name]) => !NOT_TOLD.has(name)));
  return new TrainingRuns(dataSource).record(store, { origin, options: told }, async (notes) => {
    const result = await trainStore(ports, store, { ...options, notes }).catch(async (error: unknown) => {
      // It would again.
      if (error instanceof TrainingDivergedError) await notes.checkpoints.drop();
      throw error;
    });
    notes.stage('keeping house');
    await pruneModels(dataSource, store, keepModels);
    await keepRetention(dataSource, Date.now());
    await refreshPopularity(dataSource, store);
    await refreshRelations(dataSource, store);
    return result;
  });
}
