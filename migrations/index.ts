import { CreateEventsSessionsItems1764000000000 } from './1764000000000-create-events-sessions-items.js';
import { CreateKeysModelsPopularity1764000100000 } from './1764000100000-create-keys-models-popularity.js';
import { CreateModelReports1764000200000 } from './1764000200000-create-model-reports.js';
import { CreateStreamOffsetsDeadLetters1764000300000 } from './1764000300000-create-stream-offsets-dead-letters.js';
import { AddSaleWindows1764000400000 } from './1764000400000-add-sale-windows.js';
import { AddKeySettings1764000500000 } from './1764000500000-add-key-settings.js';
import { AddRelationsArrivalsHistory1764000600000 } from './1764000600000-add-relations-arrivals-history.js';
import { CreatePlacements1764000700000 } from './1764000700000-create-placements.js';
import { CreateAttribution1764000800000 } from './1764000800000-create-attribution.js';
import { CreateVisitorPrivacy1764000900000 } from './1764000900000-create-visitor-privacy.js';
import { CreateTrainingRuns1764001100000 } from './1764001100000-create-training-runs.js';
import { PartitionEvents1764001200000 } from './1764001200000-partition-events.js';
import { CreateRetention1764001300000 } from './1764001300000-create-retention.js';
import { CreateTrainingCheckpoints1764001400000 } from './1764001400000-create-training-checkpoints.js';

/** Every migration, oldest first. */
export const migrations = [
  CreateEventsSessionsItems1764000000000,
  CreateKeysModelsPopularity1764000100000,
  CreateModelReports1764000200000,
  CreateStreamOffsetsDeadLetters1764000300000,
  AddSaleWindows1764000400000,
  AddKeySettings1764000500000,
  AddRelationsArrivalsHistory1764000600000,
  CreatePlacements1764000700000,
  CreateAttribution1764000800000,
  CreateVisitorPrivacy1764000900000,
  CreateTrainingRuns1764001100000,
  PartitionEvents1764001200000,
  CreateRetention1764001300000,
  CreateTrainingCheckpoints1764001400000,
];
