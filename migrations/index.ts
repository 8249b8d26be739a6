import { CreateEventsSessionsItems1764000000000 } from './1764000000000-create-events-sessions-items.js';
import { CreateKeysModelsPopularity1764000100000 } from './1764000100000-create-keys-models-popularity.js';

/** Every migration, oldest first. */
export const migrations = [CreateEventsSessionsItems1764000000000, CreateKeysModelsPopularity1764000100000];
