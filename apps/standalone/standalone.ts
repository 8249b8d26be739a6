import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { ApiKeys } from '#access';
import { CatalogStore } from '#catalog';
import { EventIntake } from '#events';
import { PlacementStore } from '#placements';
import { Configuration } from '#platform';
import { ModelsInService } from '#recommender';
import { ModelRegistry } from '#registry';
import { createApi } from '../api/index.js';
import { createProgress } from '../cli/progress.js';
import { showTraining } from '../cli/training-progress.js';
import { runTraining } from '../trainer/index.js';
import { demoKeys } from './demo-keys.js';
import { fillDemoPlacements } from './demo-placements.js';
import { DEMO_STORE, demoRecipe, exampleItem, fillDemoStore } from './demo-shop.js';
import { ingestRole, runIngestRole } from './ingest-role.js';
import { listen } from './listen.js';
import { welcome } from './welcome.js';

/** Every role in one process. */
export interface Standalone {
  /** For a person, with the addresses and keys. */
  readonly welcome: string;
  /** Stops all of it, the embedded database too. */
  stop(): Promise<void>;
}

/**
 * Starts the database, the API and, where the demo store has no model yet, a simulated shop and a training run; with KAFKA_BROKERS
 * the ingest role too.
 * @throws the signal's reason when it is aborted; then nothing is left running
 */
export async function startStandalone(configuration: Configuration, signal: AbortSignal): Promise<Standalone> {
  const app = await createApi(configuration, ingestRole(configuration));
  try {
    const url = await listen(app, { host: configuration.host, port: configuration.port, setting: 'PORT' });
    await prepareDemo(app, signal);
    const keys = await demoKeys(app.get(ApiKeys), DEMO_STORE, configuration.dataDirectory);
    const stopIngest = runIngestRole(app, configuration);
    return {
      welcome: welcome({ url, keys, item: exampleItem() }),
      stop: async () => {
        await stopIngest();
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function prepareDemo(app: NestFastifyApplication, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await fillDemoPlacements(app.get(PlacementStore), DEMO_STORE);
  const registry = app.get(ModelRegistry);
  if ((await registry.inService(DEMO_STORE)) !== null) return;
  const catalog = app.get(CatalogStore);
  console.log(`First start: the store "${DEMO_STORE}" gets a simulated shop and a model trained on it.`);
  const filling = createProgress({ title: 'A month of visitors', unit: 'events' });
  const training = showTraining({ quiet: false });
  try {
    await fillDemoStore({ catalog, intake: app.get(EventIntake) }, signal, (done, total) => {
      filling.update({ done: done / total, count: done });
    });
    filling.stop();
    const { sessionGapMinutes, keepModels } = app.get(Configuration);
    const sessionGapMs = sessionGapMinutes * 60_000;
    await runTraining(
      { dataSource: app.get(DataSource), store: DEMO_STORE, sessionGapMs, origin: 'command', keepModels },
      { recipe: demoRecipe, signal, onProgress: training.onProgress },
    );
  } finally {
    filling.stop();
    training.stop();
  }
  await app.get(ModelsInService).refresh();
}
