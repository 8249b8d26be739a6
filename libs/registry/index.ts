export {
  BLEND_FILE,
  MODEL_FILE,
  NEIGHBOURS_FILE,
  VOCABULARY_FILE,
  type Artefact,
  type Manifest,
  type ManifestDraft,
} from './artefact.js';
export { ModelFileEntity, ModelPromotionEntity, ModelReportEntity, ModelVersionEntity } from './model.entities.js';
export { ModelRegistry, type AlsoStored, type ModelSummary } from './model-registry.js';
export type { PromotionNews } from './promotion-news.js';
export { pruneModels } from './prune-models.js';
export type { ModelReport } from './report-store.js';
export { RegistryModule } from './registry.module.js';
export { decodeVocabulary, encodeVocabulary } from './vocabulary.js';
