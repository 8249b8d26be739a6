export {
  decodeVocabulary,
  encodeVocabulary,
  MODEL_FILE,
  VOCABULARY_FILE,
  type Artefact,
  type Manifest,
  type ManifestDraft,
} from './artefact.js';
export { ModelFileEntity, ModelPromotionEntity, ModelVersionEntity } from './model.entities.js';
export { ModelRegistry, type ModelSummary } from './model-registry.js';
export { RegistryModule } from './registry.module.js';
